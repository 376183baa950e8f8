"""How each intent is said in English, over the spelling of `reply_normal.normal`; see `reply_words`."""

_WHEN = (
    r"(?:today|tonight|tomorrow|(?:on |by |this |next |before |until )?"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|next (?:week|month|pay ?day)|"
    r"this (?:week|month|weekend|evening|afternoon|morning)|pay ?day|end of (?:the |this )?(?:week|month)|"
    r"(?:on |by )?(?:the )?\d{1,2}(?:st|nd|rd|th)|in (?:a |\d+ |two |three |few )+(?:day|week|hour)s?|"
    r"soon|later|asap|shortly|first thing)"
)
_CONTACT = (
    r"(?:texts?|texting|calls?|calling|messages?|messaging|e-?mails?|e-?mailing|sms|contact|contacting|"
    r"reminders?|"
    r"ring|ringing|phone|phoning|bother|bothering|bugging|harass|harassing|spam|spamming|write|writing|"
    r"notifications?|alerts?|robocalls?)"
)
_PAYING = (
    r"(?:pay|transfer|send|settle|clear|repay|deposit|sort (?:it|this)(?: out)?|bring|"
    r"make (?:\w+ )?payments?)"
)
_KIN = (
    r"(?:he|she|husband|wife|mother|father|mum|mom|dad|brother|sister|son|daughter|partner|borrower|"
    r"customer|"
    r"(?:mr|mrs|ms|miss) \w+|owner)"
)
_PHONE = (
    r"(?:number|person|guy|man|woman|one|phone|mobile|cell|lady|house|e-?mail|address|contact|"
    r"recipient)"
)

SAID: dict[str, tuple[str, ...]] = {
    "stop": (
        r"\bremove (?:this|my|the|our) (?:cell|number|phone|line|e-?mail|contact|mobile)\b|\bdiscontinue\b|"
        r"\bkeep (?:texting|calling|"
        r"messaging|e-?mailing|bothering)(?: me| us)? and\b|\byou are not to (?:call|text|contact|message|write)\b",
        r"\b(?:be|get|been|getting) (?:removed|taken off|deleted|unsubscribed|opted out)\b|\bi want off\b|"
        r"\b(?:stay away|keep away) from me\b|\b(?:has|have|got|needs?) to stop\b|\bmake (?:it|them|this) stop\b|"
        r"\bnot interested in (?:hearing|your|these|any)\b|\b(?:don't|do not|never) send(?: me)? (?:any|"
        r"another|more|these|this)\b|"
        r"\b(?:take|get) (?:\w+ )?(?:number|name|phone|e-?mail) off\b|\bone more (?:text|call|message|"
        r"e-?mail)\b(?= and| i'll|,)",
        r"(?:^|,)(?:no more|enough|stop it|just stop)(?:$|,)|\b(?:remove|delete|erase|"
        r"drop) my \w+ (?:from|off|out)\b|\bno longer (?:want|wish|need|contact|text|call)\b|"
        r"\bleave (?:my|our) (?:\w+ )?(?:family|kids|mother|mom|mum|wife|husband|phone|parents) alone\b",
        r"\b(?:do not disturb|knock it off|cut it out|give it a rest|quit it|shut up|pack it in|"
        r"enough is enough|jog on|do one)\b|"
        r"\bget off my (?:phone|back|case)\b|\blose (?:my|this) number\b|\boff (?:the|your|this|that|"
        r"of your) (?:\w+ )?(?:lists?|database|system)\b|"
        r"\b(?:you're|you are|your number is|i've|i have|i'm|i) (?:now )?block(?:ed|ing)(?: (?:you|your|"
        r"this))?\b|\bno spam\b|\b(?:turn|switch|shut) (?:off )?"
        r"(?:these |the |your |my |all |this )*(?:texts?|messages?|alerts?|notifications?|reminders?|"
        r"calls?)(?: off)?\b|\blay off me\b|\bget me off\b",
        r"\bun subscribe\b|\bno (?:have )?(?:permission|consent) to\b|\b(?:do not|don't|"
        r"never) have (?:my |the |any )?(?:permission|consent)\b",
        r"\bstop\b(?! by\b)|\bdesist\b|\brefrain from\b|\bwant out\b|\bout of (?:these|"
        r"your) (?:\w+ )?(?:alerts|texts|list)",
        rf"\b(?:no|not|don't|do not|never)\b(?: [\w']+){{0,4}} {_CONTACT}\b(?! (?:him|her|back|from|yet|"
        rf"about)\b)",
        r"\bunsubscribe\b|\bopt(?:ing|ed)?[ -](?:me )?out\b|\bcease and desist\b|\bdnc\b|"
        r"\bdo not (?:call|contact) list\b",
        rf"\b(?:quit|end|cancel|cease|halt|block|discontinue|enough)\b(?: \w+){{0,3}} {_CONTACT}\b",
        rf"\b(?:quit|cease) {_CONTACT}\b|\bblock (?:me|this|my)\b",
        r"\b(?:revok\w+|withdraw\w*) (?:\w+ ){0,3}(?:consent|permission|authori[sz]ation)",
        rf"\b(?:don't|do not|never|not to)(?: (?:ever|you|dare|to|keep|"
        rf"please)){{0,3}} {_CONTACT}\b(?! (?:him|her|back)\b)",
        r"\b(?:don't|do not|not|no longer) (?:want|wish|consent|agree|need)(?: \w+)?"
        r" (?:to (?:be contacted|get|receive|hear)|any|you to|your|these|more|texts|messages|calls)\b",
        rf"\bno (?:more|further) {_CONTACT}\b|\bno {_CONTACT}\b(?: please)?$",
        r"\b(?:leave|let) (?:me|us) (?:the hell )?(?:alone|be|in peace)\b",
        r"\b(?:take|get|remove|delete|erase|scrub) (?:me|us|my (?:number|name|details|e-?mail)|"
        r"this number)\b",
        r"\blose my number\b|\bgo away\b|\bget lost\b|\b(?:fuck|piss|bugger|sod|f|naff) off\b|\b(?:buzz|"
        r"back) off\b",
        rf"\b(?:never|don't|do not)(?: \w+){{0,4}} {_CONTACT}?(?: \w+){{0,3}} (?:again|any ?more|ever)\b",
    ),
    "deceased": (
        rf"\b{_KIN} (?:has |had |is |was |just )*(?:\w+ )?(?:died|deceased|dead)\b",
        r"\b(?:died|deceased)\b|\bpassed away\b|\bpass away\b|\bpassed (?:on|last|in|this|earlier)\b",
        r"\bno longer (?:with us|alive|living)\b|\blost my (?:husband|wife|mother|father|mum|mom|dad|"
        r"son|daughter)\b",
        r"\b(?:my|her|his) late (?:husband|wife|mother|father|mum|mom|dad|son|daughter|brother|sister)\b",
        r"\bdeath certificate\b|\bfunerals?\b|\bprobate\b|\bexecutor\b|\bestate of\b|\bburied (?:him|"
        r"her|my)\b",
    ),
    "lawyer": (
        r"\b(?:retained|hired|have|got|legal|my|our|through) counsel\b|\brepresented by\b",
        r"\b(?:my|our|his|her|through|via|with|hired|have|has|by|got|instructed|retained|contact|"
        r"speak to|talk to)"
        r"(?: \w+){0,2} (?:lawyer|attorney|solicitor|barrister|legal (?:counsel|representative|team|"
        r"aid))s?",
        r"\b(?:law firm|legal aid|letter of representation|attorney of record|my counsel)\b|"
        r"\brepresented by\b|\blegal representation\b|\b(?:lawyer|attorney|solicitor)s? (?:will|is|has|"
        r"details|at)\b",
    ),
    "wrong_person": (
        r"\b(?:number|phone|mobile|cell|line) (?:now )?(?:belongs to|is) (?:my|a|an|the|another|"
        r"our) (?:company|business|office|work|"
        r"kid|son|daughter|mother|someone|somebody|person|family|store|shop)\b|\b(?:you've|you have|"
        r"you) got the wrong\b",
        r"\b(?:is not|isn't|not) (?!sure|able|going|well|working|happy|interested|available|home|ready|"
        r"trying|true|right|correct|fair|enough|possible|"
        r"acceptable|good|ok|okay|funny|helpful|legal|mine|me|my|it|the|a|an|that|this|what|about|how|for|"
        r"in|on|at|your|you|to|paid|due|owed)[a-z]+,(?:he|she|they|this|who)\b",
        r"\b(?:doesn't|does not|don't|no longer|not) (?:have|has|own|use) (?:this|that) (?:number|phone|"
        r"mobile|cell)\b|"
        r"\bi'm (?:his|her|their|the) (?:brother|sister|mother|mum|mom|father|dad|son|daughter|wife|"
        r"husband|friend|flatmate|roommate|neighbou?r|ex|new tenant)\b|"
        r"\b(?:used to be|was) (?:his|her|their|someone else's|somebody else's) (?:number|phone)\b|"
        r"\bno one here (?:called|named)\b|"
        r"\b(?:isn't|is not|not) (?:the )?(?:\w+ )?(?:you're|you are|your) looking for\b",
        r"\bthis is (?:my )?\w+'s (?:phone|number|cell|mobile)\b|\bthis is (?:a|an|"
        r"the) (?:\w+ )?(?:business|office|company|shop|store|fax|restaurant|school|"
        r"hospital|hotel|clinic)\b|\b(?:gave|given|giving) (?:it|this number|the number|that number|"
        r"this phone) (?:up|away)\b|\bthere(?:'s| is| are)? (?:is )?no \w+ (?:at|on|here|with)\b|"
        r"\b(?:changed|got rid of|sold|lost) (?:his|her|their) (?:number|phone)\b",
        rf"\bwrong {_PHONE}\b|\bmistaken identity\b|^(?:it's |that's |this is )?not me$|^not me,",
        r"\b(?:not|isn't|isnt|ain't) (?:him|her|that person|this person|the person|who you|"
        r"the right person)\b",
        r"\b(?:not|isn't|isnt) (?:my name|his number|her number|\w+'s (?:phone|number|mobile|cell|"
        r"e-?mail))\b",
        r"\b(?:don't|do not|never|dunno) (?:know|heard of|met) (?:him|her|this|that|them|anyone|anybody|"
        r"any|who|a)\b"
        r"(?! (?:what|how|when|amount|is|why|about))",
        r"\bnever heard of (?:him|her|them|this|that|mr|mrs|ms)\b|\bno such person\b",
        r"\b(?:no ?one|nobody|no person|no)(?: \w+){0,3} (?:by|with|of|called) (?:that|this) name\b",
        r"\b(?:no ?one|nobody) (?:called|named) \w+",
        r"\b(?:i am|i'm|this is) not (?:him|her|mr|mrs|ms|miss|the person|the owner)\b",
        r"\b(?:new|just got (?:this|a new)|recently got this|had this) (?:phone |mobile )?number\b|"
        r"\bnew owner of\b",
        r"\b(?:he|she|they) (?:doesn't|does not|don't|no longer) (?:live|work|use)|\b(?:doesn't|"
        r"does not|no longer) lives? here\b|\bmoved out\b",
        r"\b(?:number|phone|mobile) (?:now )?belongs to (?:someone|somebody|me)\b|\b(?:no|nobody|"
        r"not) \w+ (?:here|at this (?:address|number))\b",
        r"\bi'm not (?!sure|able|going|well|working|happy|a|in|the|here|interested|your|available|home|"
        r"ready|giving|trying|saying|"
        r"refusing|avoiding|feeling|being|very|too|that|even|getting|at|on|from|ok|okay|good|rich|"
        r"employed|responsible|liable|paying|"
        r"paid|sick|ill|stupid|doing|lying|asking|so|made|yet|now|it|an|my|really|using|earning|coming|"
        r"having)[a-z]+(?: [a-z]+)?(?=,|$)",
    ),
    "dispute": (
        r"\bno idea what (?:this|that|you)\b|\b(?:isn't|not|never|wasn't) what i (?:agreed|signed|owe|borrowed)\b|"
        r"\bpaid (?:this|it|that) off (?:in|years|back|long)\b|\bhave the (?:letter|receipt|proof|paperwork)\b",
        r"\b(?:written|wrote) off (?:\w+ )?(?:years|months|ago|long)\b|\bnot what i owe\b|\b(?:never|didn't|"
        r"did not) (?:use|used|make|made|"
        r"order|ordered|authori[sz]e\w*|agree\w*)(?: \w+){0,3} (?:this|that|it|loan|card|app|site|account|charge)\b",
        r"\b(?:added|adding|hidden|extra|bogus|illegal|unfair|made[- ]up|piling on) (?:\w+ ){0,2}(?:fees?|"
        r"charges?|interest)\b|"
        r"\b(?:fees?|charges?|interest)(?: \w+){0,3} (?:not|aren't|isn't|wasn't|weren't|never)(?: \w+)? (?:in|"
        r"on|part|agreed|"
        r"authori[sz]ed)\b|\b(?:numbers|figures|math|maths|sums) (?:don't|doesn't|do not|does not) add up\b|"
        r"\b(?:records?|system|books?)(?: \w+)? (?:is|are) (?:wrong|incorrect|mistaken)\b",
        r"\b(?:you've|you have|you) (?:made )?(?:a |the )?(?:mistake|error)\b|\b(?:debt|loan|account|"
        r"balance|amount|bill)(?: \w+){0,3} (?:fake|false|bogus|invalid|made up|already settled|too old)\b|"
        r"\bnot (?:my|our) (?:debt|loan|account|bill|signature)\b|\b(?:debt|loan|account|it|this)(?:'s|"
        r" is| was) not (?:mine|my own)\b|\bdon't think i owe\b|\bowe (?:only|just|less)\b|"
        r"\bdisput\w+\b|\bin error\b|\bfraudulent\b|\bidentity (?:theft|stolen)\b|\bidentity was stolen\b",
        r"\b(?:stole|used|using) my (?:identity|id|name|details|ssn|social(?: security)?|info\w*)\b|"
        r"\bmiscalculat\w+\b|\bovercharg\w+\b",
        r"\b(?:don't|do not|didn't|never|not|no longer) (?:actually )?ow(?:e|ed|ing)\b|"
        r"\bowe (?:you )?nothing\b",
        r"\b(?:not|isn't|isnt|never was|wasn't|was not) (?:my|mine)\b(?: (?:debt|loan|account|bill))?"
        r"(?! (?:fault|problem|name|number|phone|issue|choice|business))",
        r"\b(?:never|didn't|did not|haven't) (?:ever )?(?:take|taken|took|borrow|borrowed|sign|signed|"
        r"apply|applied|"
        r"open|opened|had|have|got|get|received|agreed)(?: \w+){0,3} (?:loan|debt|account|money|credit|"
        r"contract|card|"
        r"anything|this|that|it)\b",
        r"\bnever (?:borrowed|applied|signed|agreed)\b|\bno (?:such )?(?:loan|debt) (?:with|from)\b",
        r"\bno record of\b|\bdon't have (?:a |any )?(?:loan|debt|account)\b|\bhave no (?:loan|debt|"
        r"account)s?\b",
        r"\b(?:wrong|incorrect|inaccurate) (?:amount|balance|figure|sum|total)\b|\b(?:is|"
        r"are) (?:incorrect|inaccurate)\b",
        r"\b(?:amount|balance|figure|sum|interest|total|bill|charge)s?(?: \w+){0,3} "
        r"(?:wrong|incorrect|not right|not correct|too high|inaccurate|a mistake)\b",
        r"\b(?:validate|validation of|verify|prove|proof of|evidence of)(?: \w+){0,3} (?:debt|loan|owe)\b",
        r"\b(?:don't|do not) recogni[sz]e\b|\bcharged (?:me )?(?:twice|double|too much)\b|\bvictim of\b|"
        r"\bonly (?:ever )?borrowed\b",
        r"\bstatute[- ]barred\b|\btime[- ]barred\b|\b(?:wasn't|was not) me\b",
    ),
    "complaint": (
        r"\breporting (?:it|this|you|them|your)\b|\b(?:that's|this is|it's|which is) illegal\b|\bfcc\b|"
        r"\bcalled my (?:boss|work|job|"
        r"mother|mom|mum|wife|husband|family|neighbou?r|employer)\b|\bhear from (?:the|my)\b",
        r"\bbbb\b|\bbetter business bureau\b|\bftc\b|\bfos\b|\blaw ?suit\b|\bsuing\b|"
        r"\bconsumer protection\b|\breporting (?:this|your)\b|"
        r"\bcomplain\w*\b|\bombudsman\b|\bcfpb\b|\bfca\b|\bregulators?\b|\breport(?:ing|ed)? you\b|"
        r"\bharass\w*\b",
        r"\bsue you\b|\btake you to court\b|\bunacceptable\b|\btrading standards\b|\battorney general\b",
        r"\b(?:nonstop|non-stop) call|\b(?:swore|yelled|shouted|insulted|screamed)\b|\b(?:rude|abusive|"
        r"threatened|threatening|bullying|bullied|intimidat\w+)\b",
        r"\b(?:call|called|calling|text|texted|texting|ring|rang)(?: me| us)?(?: \w+)?"
        r" (?:\d+|five|six|seven|eight|nine|ten|twenty|many|several|multiple) times\b",
        r"\b(?:\d+|five|six|seven|eight|nine|ten|twenty) calls (?:a|per|today|in one) ?(?:day)?\b",
    ),
    "abuse": (
        r"\bf+u+c+k\w*\b|\bshit\w*\b|\bbitch\w*\b|\bassholes?\b|\bbastards?\b|\bidiots?\b|\bmorons?\b|"
        r"\bscum\w*\b",
        r"\bgo to hell\b|\bscrew you\b|\bcunts?\b|\bwankers?\b|\bdickheads?\b|\bpiss off\b|"
        r"\bparasites?\b|\bdrop dead\b",
    ),
    "hardship": (
        r"\bkeep(?:ing)? the lights on\b|\braising (?:\w+ ){0,2}(?:kids|children)\b|\b(?:husband|wife|"
        r"partner) (?:left|walked out)\b|"
        r"\blower (?:the|my|our) (?:\w+ )?(?:amount|payment|rate|instal\w+)\b|\b(?:unemployment|"
        r"benefits?) (?:hasn't|haven't|not|has not)\b",
        r"\b(?:business|trade|sales|work)(?: \w+){0,3} (?:dead|slow|down|bad|dried up|terrible|quiet)\b|"
        r"\bliving off (?:my |our )?"
        r"(?:savings|credit|family)\b|\b(?:can|could) only (?:manage|afford|do|spare)\b|\bno (?:work|income|"
        r"jobs?) (?:all|this|since|for)\b|"
        r"\b(?:put|taken|get|go) on (?:leave|a (?:payment )?plan)\b|\b(?:dying|terminal|hospice|"
        r"intensive care|icu)\b",
        r"\bcut (?:my|our|his|her) (?:hours|pay|wages|salary|shifts)\b|\b(?:can't|can not|couldn't|won't be able to) "
        r"(?:make|do|manage|swing|cover) (?:it|this|that|the payment|the full|all of it)\b|\b(?:flooded|flood|"
        r"house fire|burned down|"
        r"burnt down|hurricane|tornado|earthquake|wildfire)\b|\bgive (?:me|us) (?:some|a bit|a bit of|"
        r"a little|more|extra) (?:more )?"
        r"time\b|\b(?:nothing|not much|little) left (?:over|after|to live)\b|\brent (?:is|was) due\b|"
        r"\b(?:on strike|shutdown|"
        r"waiting (?:on|for) (?:my )?(?:benefits|disability|unemployment|ssi|universal credit))\b|"
        r"\bonly (?:manage|afford)\b|"
        r"\b(?:new baby|lost (?:a|my) client|no shifts|no clients|no customers)\b",
        r"\b(?:can't|could not|couldn't|unable to|no way (?:i|to)|not able to|struggl\w+ to|hard to|"
        r"difficult to|"
        r"impossible to|barely)(?: \w+){0,2} (?:pay|afford|cover|repay|make (?:\w+ )?payments?|keep up|"
        r"manage|buy)\b",
        r"\blost (?:my|his|her|our) (?:job|work|income|business|home|house)\b|\bi (?:quit|left) my job\b",
        r"\b(?:unemployed|jobless|redundan\w+|furlough\w*|laid off|fired|out of work|between jobs|"
        r"sacked|off work)\b",
        r"\b(?:on benefits|universal credit|zero[- ]hours)\b|\bbenefits?(?: [\w']+){0,2} (?:late|"
        r"stopped|come|cut|delayed)\b",
        r"\b(?:no|not enough|don't have (?:any |the |enough |that )?|haven't got (?:any |the |enough )?|"
        r"short (?:of|on)|"
        r"run out of|ran out of|without|do not have (?:any |the |enough )?) ?(?:money|income|job|work|"
        r"funds|cash|salary|"
        r"wages?)\b",
        r"\b(?:salary|wages?|pay|income|hours) (?:was |were |got |has been |have been |is |are )?(?:cut|"
        r"stopped|delayed|late)\b",
        r"\bnot (?:been )?paid (?:by my|my (?:salary|wages))\b|\b(?:things|money|finances) (?:is|"
        r"are)(?: \w+){0,2} tight\b",
        r"\b(?:fixed income|disabled|pension|social security|food stamps|snap benefits|behind on (?:rent|"
        r"bills|everything|my)|hours (?:got |were |have been )?(?:cut|reduced)|"
        r"can't keep up|struggl\w+|barely (?:eat|surviv\w+|getting by)|medical bills|chemo\w*|cancer|"
        r"strok\w+|divorce|single (?:mum|mom|mother|parent|dad)|no savings)\b",
        r"\bbroke\b(?! (?:up|down|into|my|the|it|out|a))|\b(?:kids|children|family|mouths) to feed\b|"
        r"\bcan't make ends\b|"
        r"\b(?:dmp|iva|debt management plan|food ?banks?|eviction|evicted|homeless|statutory sick pay|"
        r"maternity leave|disability)\b",
        r"\b(?:haven't|have not|got|have|has|there is|there's) (?:got )?(?:no|a single|any) (?:penny|"
        r"pennies|cent|cents|spare cash|dime|way of paying)\b|"
        r"\b(?:skint|penniless|living on|living hand to mouth|paycheck to paycheck|making ends meet)\b",
        r"\bin (?:the )?hospital\b|\bsurgery\b|\b(?:i'm|i am|been|very|seriously|fell|got|is|"
        r"are) (?:\w+ )?(?:ill|sick)\b",
        r"\billness\b|\bcancer\b|\bdisab\w+\b|\bdivorc\w+\b|\bdepress\w+\b|\bmental health\b|"
        r"\bmaternity\b|\bstroke\b",
        r"\baccident\b|\bsick leave\b|\bcar(?:er|ing) (?:for|of)\b|\bcarer\b|\bchemo\w*\b|"
        r"\bpregnan\w+\b|\binjur\w+\b",
        r"\bhardship\b|\bstruggling\b|\bfinancial(?:ly)? (?:difficult\w*|trouble|problems?|crisis|"
        r"mess)\b|\bbroke\b",
        r"\bdifficult (?:time|situation|period|financial)\w*\b|\bbankrupt\w*\b|\biva\b|\bstepchange\b|"
        r"\bbreathing space\b",
        r"\bdebt (?:relief|advice|charity|management|adviser|advisor)\b|\bcitizens advice\b|"
        r"\bfood bank\b|\bhomeless\b",
        r"\bevict\w+\b|\bcan't (?:feed|eat)\b|\bclos\w+ (?:our|my|the|down) (?:\w+ )?(?:shop|business|"
        r"company|restaurant)\b",
        r"\b(?:business|company|shop|firm|employer) (?:\w+ )?(?:folded|failed|collapsed|closed|bust|"
        r"bankrupt|under)\b",
        r"\b(?:drowning|buried|up to my \w+) in (?:debts?|bills)\b|\b(?:barely|can't|"
        r"hardly)(?: \w+)? (?:feed|eat|live|survive|cope)\b",
        r"\b(?:pay|paying) (?:\w+ ){0,3}less\b|\b(?:few|couple|two|three)(?: of)? (?:more )?(?:weeks|"
        r"days|months) (?:please|more|longer|to)",
        r"\b(?:stopped working|not working|haven't worked|no hours|lost everything)\b",
        r"\b(?:set up|sort out|make|have|get|do|agree|need|want|offer)(?: \w+){0,3} (?:plan|arrangement)\b",
        r"\b(?:payment|repayment|instalment|installment) (?:plan|arrangement|holiday)\b|\b(?:more|"
        r"extra) time\b|\bextension\b",
        r"\b(?:smaller|lower|reduced|less) (?:\w+ )?(?:amount|payment|instalment)s?\b|"
        r"\bpay in instal\w+\b|\bin instal\w+\b",
        r"\b(?:reduce|lower|defer|pause|postpone|freeze|delay|spread|"
        r"break up)(?: \w+){0,3} (?:payments?|interest|loan|cost)\b",
        r"\bkill myself\b|\bsuicid\w+\b|\bend (?:my life|it all)\b|\bwant to die\b|\bcan't go on\b",
    ),
    "paid": (
        r"\bpaid (?:through|via|using|from)\b|\b(?:mailed|posted|sent|dropped off)(?: \w+)? (?:a |the |"
        r"my )?(?:check|cheque|payment|money "
        r"order)\b|\bsquared (?:this|it|that|up|away|everything)\b",
        r"\b(?:took|taken|take) care of (?:this|it|that)\b|\b(?:check|cheque|payment|"
        r"money order)(?: \w+){0,2} (?:went out|in the mail|"
        r"mailed|posted|on its way|in the post)\b|\b(?:payment|transaction|transfer|order) (?:confirmation|"
        r"reference|ref|id|number)\b|"
        r"\b(?:took|taken|pulled|debited) (?:it|this|that|the money) (?:out of|from)\b",
        r"\b(?:bank|statement|account|app|portal)(?: \w+){0,3} (?:shows?|says?|confirms?|"
        r"showing)(?: \w+){0,4} (?:cleared|paid|"
        r"gone|sent|out|debited|taken|posted|processed|went)\b|\b(?:payment|money|transfer|"
        r"it)(?: \w+){0,2} (?:debited|posted|"
        r"processed|cleared)\b|\bgo check(?: \w+){0,2} (?:account|bank)\b",
        r"\b(?:i|we|it|it's|already|just|have|i've|we've|has been|was|is|been|all|now|fully|husband|"
        r"wife|mother|dad|"
        r"mum|mom|son|daughter) (?:\w+ ){0,2}paid\b(?! (?:on|next|until|by my|my (?:salary|wages)|"
        r"in (?:full )?(?:on|by)))",
        r"\b(?:taken care of|all (?:paid|settled|squared|cleared|sorted)|been handled)\b|\bpaid (?:on |"
        r"last |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
        r"\b(?:cleared|left|came out of|out of) my (?:bank|account)\b|\bpayment was (?:made|sent|taken)\b|"
        r"\bshows? (?:as )?paid\b",
        r"\b(?:wired|zelled|venmoed|deposited|remitted)\b|\bconfirmation (?:number|code|no|id)\b|"
        r"\breceipt (?:number|attached|no)\b|"
        r"\bpaid (?:in|at|by|via|with|to|through) (?!my |full|by)\w+|\bpayment (?:sent|went through|made|"
        r"completed|cleared)\b|\bmoney(?:'s| is| has been) (?:sent|in your)\b",
        r"^paid\b|\bpaid (?:it|this|that|you|yesterday|today|already|last|off|up|in full|online|on)\b",
        r"\b(?:made|sent|done|completed|submitted) (?:\w+ ){0,2}(?:payment|transfer|money)\b|"
        r"\btransferred\b",
        r"\b(?:payment|money|transfer) (?:\w+ ){0,2}(?:made|sent|done|completed|gone|went) ?(?:through|"
        r"out)?\b",
        r"\b(?:settled|cleared) (?:it|this|the|my|in full|already|yesterday|today)\b|\bpaid off\b",
        r"\bsent (?:you |over |the )?[$£€]?\d+|\btook (?:the |my |all the )?(?:money|payment)\b|"
        r"\b(?:i've |have |just )?done (?:it |this )?online\b",
        r"\b(?:was|is|been|got) (?:\w+ )?(?:settled|cleared|sorted)\b|\b(?:i|i've|"
        r"have) (?:\w+ )?(?:settled|cleared)\b",
        r"\b(?:already|just) (?:paid|settled|cleared|transferred|sent)\b|\bcame out of my (?:account|"
        r"bank)\b",
    ),
    "promise": (
        rf"\b(?:make|making|send|do|submit) (?:a |my |the )?[$£€]?\d+(?: \w+)? payment\b|"
        rf"\bpay ?day is {_WHEN}\b|\bpay ?day (?:is )?\w+day\b",
        rf"\b(?:putting|sending|making|transferring|wiring|doing|getting|dropping)(?: \w+|"
        rf" [$£€]?\d+){{0,5}} {_WHEN}\b",
        rf"\b(?:you'll|you will) (?:have|get|see) (?:it|the money|your money|that|"
        rf"[$£€]?\d+)(?: \w+){{0,3}} {_WHEN}\b",
        rf"\b(?:will|'ll|i'll|we'll|ill|going to|can|could|able to|promise to|intend to|plan to|shall|"
        rf"want to|let me)"
        rf"(?: \w+){{0,6}} {_PAYING}\b|\bexpect (?:\w+ )?(?:payment|the money)\b",
        rf"\b(?:pay|paying|settle|transfer|repay|send it|sending|payment (?:will|is coming|"
        rf"coming))\b(?: \w+){{0,5}} {_WHEN}\b",
        rf"\b(?:will|i'll|'ll|should|shall) have (?:the )?(?:[$£€]?\d+|money|rest|it|"
        rf"that)(?: \w+){{0,5}} {_WHEN}\b",
        rf"\b(?:can|could|will|i'll|'ll) (?:do|manage|get|give)(?: you)? (?:a |about |"
        rf"around )?(?:[$£€]?\d+|ten|twenty|thirty|forty|fifty|sixty|seventy|"
        rf"eighty|ninety|(?:a|one|two|three|four|five) hundred)(?: \w+){{0,3}} {_WHEN}\b|^(?:will be |"
        rf"i'm |i am )?paying {_WHEN}\b",
        rf"^{_WHEN}\b(?: \w+){{0,4}} (?:pay|settle|transfer|send)\b|\b(?:can|could|"
        rf"will) do [$£€]?\d+(?: \w+){{0,3}} {_WHEN}\b",
        rf"\b(?:will|i'll|we'll) (?:have|get) (?:it|the money|this)(?: \w+){{0,4}} {_WHEN}\b",
        rf"\b(?:pop|stick|bung|chuck|lob|ping|drop|wire|zelle|venmo) (?:you )?[$£€]?(?:\d+|it|the)"
        rf"(?: \w+){{0,4}} {_WHEN}\b",
        rf"\bgive me until {_WHEN}(?: and| n|,)? (?:i'll|ill|i will) (?:have|pay|send|get)\b",
        r"\bget paid (?:on |next |this |by )?(?:\w+ )?(?:day|week|friday|monday|tuesday|wednesday|"
        r"thursday|month|the)\b"
        r".{0,40}\bpay\b",
    ),
    "start": (
        r"^(?:please |you can |ok |yes )*(?:text|message|contact|e-?mail) me again\b|"
        r"\bsign me (?:back )?up\b|\b(?:want|like)(?: to (?:get|receive|have))? "
        r"(?:the |your |my )?(?:texts|messages|reminders|alerts)(?: \w+)? (?:back|again)\b",
        r"\bopt(?:ing)? (?:me )?(?:back )?in\b|\bresubscribe\b|\bresume (?:the )?(?:messages|texts|"
        r"reminders)\b",
        r"\b(?:you (?:can|may)|please|ok to) (?:start |begin )?(?:text|message|contact|call|"
        r"e-?mail)(?:ing)? me (?:again|as before)\b",
        r"\bstart (?:sending|texting|messaging|contacting)\b|\b(?:turn|switch|put) (?:\w+ ){0,3}back on\b",
        r"\b(?:text|message|e-?mail) me again\b|\b(?:opted out|unsubscribed|stopped (?:it|them|the \w+)) "
        r"by (?:accident|mistake)\b|\b(?:didn't|never) mean(?:t)? to (?:opt out|unsubscribe|stop)\b",
    ),
    "question": (
        r"\?|\b(?:how (?:much|do|can|many|long|is|to|come)|what|what's|who|whose|why|where|which|whats|"
        r"whos)\b",
        r"\bwhen (?:is|are|was|do|does|did|will|can|should|must)\b|(?:^|,)when$",
        r"\b(?:my|the|your) (?:ref|reference|account|acct) (?:no|num|number)\b",
        r"^(?:did|have|has|can|could|may|is|are|am|do|does|should|will|would)"
        r" (?:i|you|it|this|that|there|we|they|he|she|my|the|your)\b",
    ),
}

NOT: dict[str, tuple[str, ...]] = {
    "stop": (
        r"\b(?:turn|switch|put) (?:\w+ ){0,3}back on\b|\b(?:opted out|unsubscribed|stopped (?:it|them|the \w+)) "
        r"by (?:accident|mistake)\b",
        r"\b(?:don't|do not|never|can't|didn't) stop (?:\w+ing me|sending|the (?:messages|texts|"
        r"reminders)|reminding|"
        r"texting|messaging)",
        r"^(?:please )?(?:don't|do not|never) stop$",
        r"\b(?:don't|do not|didn't) (?:want|mean|wish|ask|like)(?: you| it)? to (?:stop|unsubscribe|"
        r"cancel|opt out)\b",
        r"\b(?:didn't|don't|do not|did not|not|never) (?:unsubscribe|opt(?:ed)? out)\b|\bstop by\b|"
        r"\bcan't stop (?!you)\w+ing\b",
        r"\b(?:bus|train|tram|metro|full|truck|pit|tube|last|next|first|one|my|his|her|rest) stop\b|"
        r"\bstop (?:sign|light|watch|over|at|off|in at|working|work|"
        r"smoking|drinking|worrying|raining|crying|bleeding|thinking)\b|\b(?:try|trying|"
        r"tried) to stop (?!you|the (?:calls|texts))\w+|"
        r"\bstop (?:the |my |this |all |any |these )?(?:direct debits?|dd|interest|payments?|"
        r"standing orders?|auto ?pay\w*|automatic|taking|charging|late|fees?|"
        r"charges?|penalt\w+|clock|cheques?|checks?|card|debt|loan|deductions?|garnish\w*|wage|"
        r"repossess\w+|eviction)\b",
        r"\b(?:don't|do not) stop (?!you|until|text|call|send|bother)\w+|\bnever stop (?!text|call|"
        r"send)\w+|"
        r"\b(?:stop|stopped|opt(?:ed)? out|unsubscribed?|cancel(?:l?ed)?)(?: \w+){0,4} (?:by (?:mistake|"
        r"accident)|in error|accidentally)\b|"
        r"\b(?:accidentally|mistakenly)(?: \w+){0,3} (?:stop|stopped|opt(?:ed)? out|unsubscribed?|"
        r"cancel(?:l?ed)?)\b|"
        r"\b(?:at|by|until|before|near|towards) (?:the )?end\b|\benough (?:money|credit|time|minutes|data|"
        r"funds)\b|"
        r"\b(?:you|they|nobody|no ?one|someone) (?:did not|didn't|never|have not|haven't|don't|"
        r"do not)(?: \w+){0,2} (?:call|ring|phone|text|write)\w* (?:me |us )?back\b",
        rf"\b(?:not|n't|didn't|don't|do not|couldn't|can't|can not|won't|will not|wasn't|weren't|"
        rf"haven't)\b(?: (?:be|been|really|always))?(?: [\w']+){{0,1}} (?:take|taken|took|pick|hear|heard|"
        rf"expect|return|returned|able|available|free|home|near|allowed|working|there|finish|finished|"
        rf"complete)(?: [\w']+){{0,4}} {_CONTACT}\b",
        r"\b(?:bus|train|tram) stop\b|\b(?:nonstop|non-stop|non stop)\b|\bstop (?:payment|order|loss)\b",
        rf"\bno {_CONTACT} (?:from|yet|came|arrived|received)\b|\bdon't (?:call|contact) (?:it|"
        rf"this) (?:a|an)\b",
        rf"\b(?:no|not|don't|do not|never|didn't|haven't)\b(?: [\w']+){{0,2}} (?:get|got|getting|"
        rf"receive|received|see|seen|read|have(?! (?:my |the |any )?(?:permission|consent|right))|had|know|"
        rf"understand|recogni[sz]e|understood|mind|forget|remember|miss|"
        rf"answer)\b(?: [\w']+){{0,4}} {_CONTACT}\b",
        rf"\b(?:not|don't|do not) (?:a |my |the )?{_CONTACT}\b(?: number| address)|\bno (?:signal|"
        rf"credit|need)(?: [\w']+){{0,3}} {_CONTACT}\b",
        r"\b(?:salary|wages?|income|pay|work|business|benefits?) (?:has |have |was |were |got |"
        r"will )?stop\b",
        r"\b(?:never|don't|do not)(?: \w+){0,4} (?:late|miss|forget|borrow|happen|"
        r"default)(?: \w+){0,3} again\b",
    ),
    "paid": (
        r"\b(?:haven't|have not|hasn't|has not|not|didn't|did not|never|don't|can't|won't|will not|"
        r"unable to|couldn't|"
        r"isn't|wasn't|nobody|yet to be)(?: \w+){0,3} (?:paid|transferred|settled|cleared|made|sent|"
        r"done|gone|went)\b",
        r"\b(?:get|getting|got|be|being|gets|i'm|am) paid\b|\b(?:will|'ll|to) be paid\b|\bunpaid\b|"
        r"\b(?:well|under) ?paid\b",
        r"\bpaid (?:half|part|some|a bit|leave|work)\b|\b(?:only|partly|partially|almost|nearly) paid\b",
        r"\b(?:if|when|once|after|until|before|think|thought|should have|could have|would have|"
        r"maybe)(?: \w+){0,3}"
        r" (?:paid|settled|cleared|transferred)\b",
        r"\b(?:not|failed to|tried to)(?: \w+){0,3} (?:made|make) (?:\w+ )?payment|\bpayment (?:failed|"
        r"bounced|declined)",
    ),
    "promise": (
        r"\b(?:won't|will not|not going to|can't|can not|never|refuse to|unable to|not able to|couldn't|"
        r"wouldn't|"
        rf"don't (?:want|have|plan|intend) to|not)(?: \w+){{0,3}} (?:{_PAYING}|"
        rf"afford)(?:ing)?\b(?: \w+)?(?: \w+)?",
        r"\b(?:tried|trying) to pay\b|\bmake me pay\b|\bpay (?:cheque|check|slip|rise|raise)\b",
    ),
    "deceased": (
        r"\bdead (?:broke|wrong|end|serious|line|tired|beat)\b|\bdrop dead\b|\b(?:phone|battery|"
        r"car) (?:\w+ )?(?:died|dead|is dead)\b",
        r"\bover my dead\b|\byou(?:'re| are) dead\b|\bwant to die\b|\bpassed (?:on|in) (?:the|my|"
        r"your) (?:message|exam|test|details)\b",
    ),
    "lawyer": (
        r"\b(?:attorney|attorneys|solicitor) general\b|\bdistrict attorney\b",
        r"\b(?:don't|do not|can't|couldn't|no|without|your|from your) (?:\w+ ){0,2}(?:lawyer|attorney|"
        r"solicitor)s?\b",
    ),
    "wrong_person": (
        r"\bwrong (?:amount|balance|figure|sum|date)\b|\b(?:is|was) not (?:her|his|my) (?:fault|problem)\b",
    ),
    "dispute": (
        r"\b(?:don't|do not|not|won't|no longer) (?:want to )?disput\w+\b|\bnot my (?:fault|problem|day|"
        r"number|name)\b",
        r"\bdon't (?:know|remember) (?:how much|what) i owe\b",
    ),
    "hardship": (
        r"\bby (?:accident|mistake)\b|\bno hardship\b|\bnot (?:struggling|broke|unemployed|sick|ill)\b|\b(?:sick|"
        r"tired) (?:and tired )?of\b",
        r"\b(?:website|app|site|page|link|phone|card|internet|car)(?: \w+)? (?:broke|broken|"
        r"stopped working)\b",
        r"\bcan't (?:pay|log)(?: in)? (?:online|in|on the (?:app|website))\b|\bi(?:'d| would) (?:kill|"
        r"die) for\b",
    ),
    "question": (
        r"\bpaid(?: \w+){0,5},?(?: so| but)? (?:why|how come|what)(?: \w+)* (?:still|keep|again|"
        r"more)\b[^,?]*\??",
    ),
    "complaint": (r"\b(?:not|don't|no) (?:want to )?complain\w*\b|\bno complaints?\b",),
    "start": (
        r"\b(?:don't|do not|never|not|stop) (?:ever )?(?:start|resume|opt in|(?:text|message|e-?mail) me again)\b",
    ),
}
