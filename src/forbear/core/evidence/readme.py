"""The README.txt in every evidence bundle: what this is, for a borrower, a judge or a clerk who opens it."""

README_TEXT = """\
证据包 · Evidence bundle

这是什么
    这里是一家贷款机构就一位借款人所做的全部催收记录：每一次联系、许可、拒绝、录音、信函、查看、承诺、协议和更正，
    按发生的先后排列，从第一条到最后一条。
能证明什么
    每条记录都带有前一条的指纹，每天的全部记录由机构签名封存，整份清单也有签名。任何一处被改动、删去、添加或调换
    次序，核验时都会发现并指出位置。
怎样核验
    装好 Forbear 后运行：forbear verify 本文件 --key "下面的公钥"
    核验不需要联网，也不需要机构协助。格式是公开的，任何人都可以自己写核验程序（见项目文档 docs/rules/evidence.md）。
    请把公钥与机构网站“证据公钥”页面公布的对照，两者一致，才说明这份证据确实出自该机构：
    {key}
已删除的个人信息
    依法删除的姓名、号码、录音等不在其中，但删除这件事本身有记录，其余内容仍可核验。
里面有什么
    timeline.pdf     按时间排列的全部经过，可直接阅读（如有）
    bundle.json      机构的声明与全部文件的指纹     events.jsonl     全部记录
    proofs.jsonl     每条记录在封存中的位置         personal.jsonl   尚存的个人信息
    seals.jsonl      每日封存                       attachments/     录音、信函等原件
请妥善保管：这里有您的个人信息。

What this is
    Everything a lender did to collect from one borrower: each contact, permit, refusal, recording, letter, look at
    personal data, promise, agreement and correction, in order, from the first to the last.
What it proves
    Each record carries the fingerprint of the one before it. Each day's records are sealed with the lender's
    signature, and so is the list of all files here. Whatever was changed, taken out, put in or moved is found when
    the bundle is checked, and its place is named.
How to check it
    Install Forbear and run: forbear verify THIS-FILE --key "THE KEY BELOW"
    It needs no network and no help from the lender. The format is public, and anybody can write their own checker
    (docs/rules/evidence.md in the project).
    Compare the key with the one on the lender's own page /verify/key. Only if they agree is this the lender's:
    {key}
Personal data that was erased
    Names, numbers or recordings erased under the law are not here. That they were erased is on record, and
    everything else can still be checked.
What is inside
    timeline.pdf     everything in order, for people to read (where there is one)
    bundle.json      the lender's statement and all fingerprints     events.jsonl     the records
    proofs.jsonl     where each record stands under a seal           personal.jsonl   personal data still kept
    seals.jsonl      the seals of each day                           attachments/     recordings, letters and so on
Keep it safe: it has your personal data in it.
"""
