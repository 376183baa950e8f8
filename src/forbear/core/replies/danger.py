"""Words of suicide or violence, over `normalize.normal`'s spelling: a person must look at once.

A word too many costs a person a minute; one too few may cost a life. So what is only likely counts too, and figures of
speech are left out only where they are well known.
"""

import re

_SUICIDE_ZH = (
    r"自[杀尽残缢刎]|轻[生声身](?:的)?(?:念头|想法)|轻生|寻短见?|寻死|遗书|遗言|永别|诀别|割腕|上吊|服毒|"
    r"安眠药|喝(?:了)?农药|"
    r"烧炭|(?:跳|想跳)(?:楼|河|江|海|桥|轨|下去)|从[^,]{0,10}跳|不想(?:再|继续)?(?:活|存在|醒)|"
    r"活(?:不下去|够了|腻了|不成了?)|"
    r"不如一死|活着[^,]{0,6}(?:意思|意义|没|无|累|痛苦|干什么|干嘛|为什么)|没(?:法|办法|有?勇气)(?:再|"
    r"继续)?活|没有?活路|"
    r"(?:想|真想|只想|好想)死(?!你)|(?:不如|去|让我|逼我|一起)死(?:了|掉)?(?:算|拉倒|给|$|,)|我(?:就|要|"
    r"想|真)?(?:去)?死(?:给你|在你)|"
    r"死了算|死了一了|一死了之|一了百了|以死|逼死|杀了我|死给你们?看|结束(?:自己|"
    r"我)?(?:的)?(?:这)?(?:一)?(?:生命|一切|一生)|"
    r"了(?:结|断)(?:自己|此生|这一生|生命|残生)|(?:撑|熬|坚持|扛|挺)不(?:下去|住)(?:了)?|生无可恋|"
    r"(?:想|只想|要|才能?|求|就能?)解脱|离开(?:了)?(?:这个)?(?:世界|人世|人间)|(?:世界|世上|"
    r"人间)[^,]{0,6}(?:留恋|不值得)|"
    r"再见了?这个?世界|下辈子|来世|绝望|(?:照顾|交代)好?(?:我)?(?:的)?后事|最后一(?:条|次)(?:短信|消息|"
    r"留言|跟你)"
)
_VIOLENCE_ZH = (
    r"(?:杀|弄死|砍|捅|打死|整死|搞死|捅死|砍死|做掉|干掉)(?:了|死)?(?:你|他们|她们|全家|几个|人(?!情|"
    r"家))|炸(?:了|掉|死|平)?(?:你|公司|你们)|"
    r"放火|纵火|泼(?:汽油|硫酸)|烧(?:了|掉|死)?你|(?:拿|带|提|买)(?:着|把|了)*刀|同归于尽|垫背|陪葬|血债|"
    r"要(?:了)?你们?(?:的|全家)?(?:的)?命|(?:跟|和|找)你们?拼(?:命|了)|报复社会|家暴|"
    r"(?:老公|丈夫|男友|前夫|老婆|爸爸?|父亲|他|她|有人|家人)(?:又|会|要|在|天天|经常|一直|总|总是|"
    r"知道了?会|想)*(?:打死我|打我(?!电话|手机|的)|杀我|砍我|弄死我)|"
    r"救命|救救我|被(?:非法)?(?:拘禁|绑架|囚禁)|见血|出人命"
)
_SUICIDE_EN = (
    r"\bkill(?:ed|ing|s)? (?:my ?self|me)\b|\bsuicid\w*|\bunalive\b|\b(?:going to|want to|will|ready to|"
    r"decided to|time to|about to)(?: just)? end it(?! (?:with|by paying))\b|\bend (?:my (?:own )?life|"
    r"it all|everything|my suffering)\b|"
    r"\b(?:want|wanna|wants|ready|rather|prefer|like|going|wish i could|need) (?:to )?(?:just )?(?:die|"
    r"be dead)\b|\bbetter off (?:dead|without me)\b|\b(?:might|may) as well (?:be dead|die|end it)\b|"
    r"\b(?:everyone|they|you|family|kids)(?: \w+){0,4} (?:happier|better) (?:off )?if i (?:was|were|"
    r"am) (?:dead|gone)\b|"
    r"\bwish i (?:was|were|had)(?: never)? (?:dead|been born|born)\b|"
    r"\b(?:no|isn't any|not any|what's the|see the|see any|see no) (?:point|reason|purpose)(?: \w+){0,2} "
    r"(?:living|live|life|being alive|alive|carry on|carrying on|go on|going on|being here|be here)\b|"
    r"\bdon't (?:want|wish|wanna) (?:to )?(?:be here|live|be alive|exist|wake up|go on|carry on|"
    r"keep living)\b|"
    r"\b(?:can't|can not|couldn't|don't think i can) (?:\w+ )?(?:go on|carry on|live like this|"
    r"live any ?more|live with this|keep going|"
    r"keep living|do (?:this|it|life) any ?more|take (?:it|this|life) any ?more|cope any ?more|bear (?:it|"
    r"this) any ?more|face another)\b|"
    r"\b(?:nothing|no one|nobody|not much)(?: left)? to live for\b|\btak(?:e|ing) my (?:own )?life\b|"
    r"\b(?:hurt|harm|cut|hang|shoot|drown|burn|stab|poison)(?:ing)? my ?self\b|\bself[- ]?harm\w*|"
    r"\boverdos\w*|"
    r"\bjump(?:ing)? (?:off|from|out|in front of|under)(?: \w+)?(?: \w+)? (?:bridge|roof|building|window|"
    r"train|balcony|cliff)\b|"
    r"\b(?:slit|cut|cutting) my wrists?\b|\bgoodbye (?:world|cruel|everyone|forever)\b|\b(?:my|"
    r"this is my) (?:last|final) (?:message|goodbye|words)\b|"
    r"\b(?:bullet|gun) (?:in|to|through) my (?:head|mouth)\b|\b(?:life|living)(?: \w+){0,2} (?:not|isn't|"
    r"no longer) worth\b|"
    r"\bnot worth living\b|\bmy life is (?:over|finished|done|ruined)\b|\b(?:won't|will not) be (?:around|"
    r"alive|here) (?:much longer|any ?more|for long)\b|"
    r"\b(?:done with|tired of|sick of|had enough of|given up on|giving up on) (?:life|living|"
    r"being alive)\b|"
    r"\b(?:no|only) way out\b(?=.*\b(?:death|dying|die|dead|life)\b)|\b(?:thinking|thought|"
    r"thoughts) (?:of|about) (?:dying|death|ending)\b|"
    r"\b(?:drive|driving|push|pushing|drove|pushed) me to (?:\w+ )?(?:suicide|death|my grave|the edge)\b|"
    r"\bplan(?:ning)? my (?:own )?funeral\b"
)
_VIOLENCE_EN = (
    r"\b(?:will|'ll|i'll|going to|want to|could|ready to|coming to|come to|come and|swear i'll)(?: \w+)? "
    r"(?:kill|shoot|stab|hurt|murder|strangle|bomb|burn|beat|attack|slaughter|smash|blow up|"
    r"break)(?: \w+){0,2} "
    r"(?:you|him|her|them|someone|somebody|your (?:\w+ )?(?:office|family|face|legs|house|building|place|"
    r"head|neck)|the office|everyone|everybody|people|up|down)\b|"
    r"\b(?:bring|bringing|come|coming|got|have|own|buy|bought|with)(?: \w+){0,3} (?:a|my|the) (?:gun|"
    r"knife|shotgun|rifle|machete|bomb)\b|"
    r"\b(?:husband|wife|partner|boyfriend|girlfriend|ex|he|she|dad|father|they)(?: \w+){0,3} (?:kill|beat|"
    r"beats|beating|hit|hits|hitting|hurts|hurt|"
    r"abuses|abusing|attack|attacked|strangle) me\b|\bdomestic (?:abuse|violence)\b|\babusive (?:husband|"
    r"partner|relationship|ex)\b|"
    r"\bblood on your hands\b|\b(?:watch your back|you(?:'re| are) (?:all )?dead|you will (?:all )?(?:die|"
    r"pay with your)|body ?bags?)\b|"
    r"\b(?:set fire to|burn down|blow up|shoot up)\b|\bcall (?:999|911|the police) (?:now|please)\b|"
    r"\bhelp me please\b(?=.*\b(?:hurt|kill|afraid|scared)\b)"
)
_OTHER = (
    r"\b(?:me quiero|quiero|prefiero|mejor) (?:morir|morirme|estar muert[oa])\b|\bquitarme la vida\b|"
    r"\bmatarme\b|\bno quiero (?:seguir )?vivir\b|"
    r"\bya no quiero vivir\b|\b(?:los|las|te|lo|la) voy a matar\b|\bmejor muert[oa]\b|"
    r"\bno vale la pena vivir\b|"
    r"\bje veux mourir\b|\bme (?:suicider|tuer)\b|\ben finir\b|\bplus envie de vivre\b|"
    r"\bich will sterben\b|\bumbringen\b"
)
_URGENT = re.compile("|".join((_SUICIDE_ZH, _VIOLENCE_ZH, _SUICIDE_EN, _VIOLENCE_EN, _OTHER)))
#: Figures of speech, and what a company or a purse can't bear.
_NOT = re.compile(
    r"(?:公司|店|生意|厂子?|企业|铺子?|手机|电池|信号|网络)[^,]{0,4}(?:撑|熬|坚持|扛|挺)不|"
    r"打死(?:我)?(?:也|都)不?|杀(?:价|毒|熟)|"
    r"[烦累气穷忙急吓笑热冷饿困难愁丑坑疼](?:都)?(?:得)?(?:想|要)死(?!了算)|想死你|砍头息|砍(?:价|掉)|"
    r"对[^,]{0,6}绝望|"
    r"\bi(?:'d| would) (?:kill|die) for\b|\bkilling me with\b|\bkill (?:some )?time\b|\b(?:want|like|"
    r"going|need) to die laughing\b|"
    r"\b(?:is|are|was|been) killing (?:me|my)\b|\bhit me (?:with|hard)\b|"
    r"\bdie of (?:boredom|laughter|embarrassment)\b|\bgun (?:licen[cs]e|permit|shop)\b|跳(?:转|槽|过|票)|"
    r"最后一条(?:短信|消息)[^,]{0,4}(?:没|怎么|什么|是|在)|绝望地等|\bdying to (?:know|see|pay|hear)\b|"
    r"\bbeat (?:you|them|him|her) to\b|\bbreak (?:it|this|"
    r"things) (?:down|up)\b|\bphone(?: \w+){0,3} die\b"
)


def is_urgent(plain: str) -> bool:
    """Whether somebody may be about to harm themselves or others, or is being harmed."""
    return _URGENT.search(_NOT.sub(lambda hit: "□" * len(hit.group()), plain)) is not None
