# A message centre for tests, on Net::SMPP (Debian's libnet-smpp-perl): no code shared with what it tests.
#
# The last two digits of a number say what becomes of a message to it:
#   01 taken, delivered    02 throttled twice, then taken    03 refused: invalid destination
#   04 the line is cut before the answer    05 no answer ever    06 taken, could not be delivered
#   07 taken once; every later part is throttled for ever    08 generic_nack    09 taken, no such number
#   10 "unknown error"
# Lines on standard input: {"do":"mo", ...} delivers a message, {"do":"receipt", ...} a receipt, {"do":"cut"} closes the
# session, {"do":"enquire"} asks whether we are there. What happens is told as JSON lines on standard output.
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Net::SMPP;

my ($mute) = @ARGV;    # "mute": enquire_link is not answered
$mute //= '';
$| = 1;
my $json   = JSON::PP->new->canonical;
my $server = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34) or die "no port: $!";
sub tell_them { my %told = @_; print $json->encode(\%told), "\n" }
tell_them(port => $server->sockport + 0);

my $select = IO::Select->new($server, \*STDIN);
my ($session, $count, %seen) = (undef, 0);
my $ids = $ENV{SMSC_IDS} // 'text';

sub name_of {
    my ($number) = @_;
    return $ids eq 'hex' ? sprintf('%x', 0xABC000 + $number) : "m-$number";
}

sub in_receipt {
    my ($number) = @_;
    return $ids eq 'hex' ? sprintf('%010d', 0xABC000 + $number) : "m-$number";
}

sub receipt {
    my ($id, $to, $stat, $err) = @_;
    my $text = "id:$id sub:001 dlvrd:001 submit date:2603101500 done date:2603101501 stat:$stat err:$err text:";
    $session->deliver_sm(
        source_addr => $to, destination_addr => '1069', esm_class => 0x04,
        short_message => $text, async => 1
    );
}

sub submit {
    my ($pdu) = @_;
    my $to = $pdu->{destination_addr};
    my $what = substr($to, -2);
    tell_them(
        what => 'submit', to => $to, ton => $pdu->{dest_addr_ton}, from => $pdu->{source_addr},
        from_ton => $pdu->{source_addr_ton}, esm_class => $pdu->{esm_class}, coding => $pdu->{data_coding},
        registered => $pdu->{registered_delivery}, octets => unpack('H*', $pdu->{short_message})
    );
    $seen{$to}++;
    return if $what eq '05';
    if ($what eq '04') { $select->remove($session); close $session; undef $session; return }
    if ($what eq '08') { $session->generic_nack(seq => $pdu->{seq}, status => 0x03); return }
    my $status
        = $what eq '03' ? 0x0B
        : $what eq '10' ? 0xFF
        : $what eq '02' && $seen{$to} <= 2 ? 0x58
        : $what eq '07' && $seen{$to} > 1  ? 0x58
        :                                    0;
    my $number = ++$count;
    $session->submit_sm_resp(seq => $pdu->{seq}, status => $status, message_id => $status ? '' : name_of($number));
    return if $status;
    receipt(in_receipt($number), $to, 'DELIVRD', '000') if $what eq '01' && $pdu->{registered_delivery} == 1;
    receipt(in_receipt($number), $to, 'UNDELIV', '034') if $what eq '06';
    receipt(in_receipt($number), $to, 'UNDELIV', '001') if $what eq '09';
}

sub handle {
    my $pdu = $session->read_pdu;
    if (!defined $pdu) {
        $select->remove($session); close $session; undef $session;
        tell_them(what => 'gone');
        return;
    }
    my $cmd = $pdu->{cmd};
    if ($cmd == 0x09) {
        my $good = $pdu->{system_id} eq 'lender' && $pdu->{password} eq 's3cret';
        $session->bind_transceiver_resp(seq => $pdu->{seq}, status => $good ? 0 : 0x0E, system_id => 'smsc');
        tell_them(what => 'bind', system_id => $pdu->{system_id}, version => $pdu->{interface_version}, good => $good ? 1 : 0);
    }
    elsif ($cmd == 0x04) { submit($pdu) }
    elsif ($cmd == 0x15) {
        tell_them(what => 'enquire_link');
        $session->enquire_link_resp(seq => $pdu->{seq}) if $mute ne 'mute';
    }
    elsif ($cmd == 0x80000005) { tell_them(what => 'deliver_sm_resp', status => $pdu->{status}) }
    elsif ($cmd == 0x80000015) { tell_them(what => 'enquire_link_resp') }
    elsif ($cmd == 0x06) { $session->unbind_resp(seq => $pdu->{seq}); tell_them(what => 'unbind') }
    else { tell_them(what => 'other', cmd => $cmd) }
}

sub act {
    my ($told) = @_;
    if ($told->{do} eq 'cut') { $select->remove($session); close $session; undef $session; return }
    if ($told->{do} eq 'enquire') { $session->enquire_link(async => 1); return }
    if ($told->{do} eq 'receipt') { receipt(@{$told}{qw(id to stat err)}); return }
    $session->deliver_sm(
        source_addr => $told->{from}, destination_addr => $told->{to}, esm_class => $told->{esm_class} // 0,
        data_coding => $told->{coding} // 0, short_message => pack('H*', $told->{octets}), async => 1
    );
}

while (1) {
    for my $ready ($select->can_read) {
        if ($ready == $server) {
            $session = $server->accept or next;
            $session->set_version(0x34);
            $session->autoflush(1);
            $select->add($session);
        }
        elsif ($ready == \*STDIN) {
            my $line = '';
            while (sysread(STDIN, my $sign, 1)) { last if $sign eq "\n"; $line .= $sign }
            exit 0 if $line eq '';
            act($json->decode($line));
        }
        elsif (defined $session && $ready == $session) { handle() }
    }
}
