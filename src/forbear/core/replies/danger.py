"""Words of suicide or violence, over `normalize.normal`'s spelling: a person must look at once.

A word too many costs a person a minute; one too few may cost a life. So what is only likely counts too, and figures of
speech are left out only where they are well known.
"""

import re

_SUICIDE_ZH = (
    r"(?:孩子|爸妈|父母|老人|老婆|女儿|儿子|家里)[^,]{0,4}(?:拜托|托付|交给|就靠|保重)|先走(?:一步|了(?=$|,))|来生|对不起[^,]{0,4}(?:孩子|爸妈|"
    r"父母)|不想(?:看到|见到)明天|(?:永远|彻底)(?:消失|睡过去|睡着|闭上眼)|别(?:再)?(?:找|等)我了(?=$|,)|"
    r"自[鲨刹砂煞]|自 ?sha(?![a-z])|紫[砂鲨杀](?![壶锅茶泥杯盆陶])|"
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
    r"(?:药|农药|绳子?|刀片|木?炭|遗书|后事)[^,]{0,6}(?:准备|备|买|写|安排)好|(?:站|坐)(?:在|到)[^,]{0,4}(?:天台|楼顶|"
    r"桥上|窗台|窗边|顶楼)|(?:吃|吞|喝)(?:了|下)?(?:一|整|好几|很多|大把|大?半)[^,]{0,2}(?:瓶|把|盒|多)[^,]{0,3}药|收尸|骨灰|"
    r"忌日|一根绳|吊死|大不了一死|(?:没|没有|不会有)明天|(?:活|日子|人生)[^,]{0,4}(?:盼头|奔头|到头|尽头|活路)|"
    r"(?:保险|寿险)[^,]{0,4}(?:赔|还)[^,]{0,3}你们|死也不会?放过|做鬼也|"
    r"再见了?这个?世界|下辈子|来世|绝望|(?:照顾|交代)好?(?:我)?(?:的)?后事|最后一(?:条|次)(?:短信|消息|"
    r"留言|跟你)"
)
_VIOLENCE_ZH = (
    r"(?:手里|手上|身上|包里|家里|我)?(?:有|拿|带|揣|备)(?:着|了)?(?:一?把)?(?:菜刀|砍刀|刀|枪|斧头?|棍)(?!工|具|片店)|"
    r"(?:砍|捅|杀|弄|打)(?:死|残)?(?:谁|一个|一双|几个)|见一个[^,]{0,3}(?:打|砍|杀)|"
    r"(?:杀|弄死|砍|捅|打死|整死|搞死|捅死|砍死|做掉|干掉)(?:了|死)?(?:你|他们|她们|全家|几个|人(?!情|"
    r"家))|炸(?:了|掉|死|平)?(?:你|公司|你们)|"
    r"放火|纵火|泼(?:汽油|硫酸)|烧(?:了|掉|死)?你|(?:拿|带|提|买)(?:着|把|了)*刀|同归于尽|垫背|陪葬|血债|"
    r"要(?:了)?你们?(?:的|全家)?(?:的)?命|(?:跟|和|找)你们?拼(?:命|了)|报复社会|家暴|"
    r"(?:老公|丈夫|男友|前夫|老婆|爸爸?|父亲|他|她|有人|家人)(?:又|会|要|在|天天|经常|一直|总|总是|"
    r"知道了?会|想)*(?:打死我|打我(?!电话|手机|的)|杀我|砍我|弄死我)|"
    r"(?:让|叫|你们?)[^,]{0,6}(?:都)?(?:给我)?(?:小心点|当心点|等着瞧|走着瞧|好看)|知道你们?[^,]{0,6}(?:在哪|住哪|地址)|"
    r"(?:找|带)(?:几个)?人[^,]{0,4}(?:弄|收拾|堵|砸|打)你?们?|(?:门口|楼下|公司)[^,]{0,3}(?:堵|等)(?:着)?你们?|打断[^,]{0,3}腿|"
    r"砸(?:了|烂|掉)?你们?|弄(?:残|死|不死)|收拾你们?|"
    r"救命|救救我|被(?:非法)?(?:拘禁|绑架|囚禁)|见血|出人命"
)
_SUICIDE_EN = (
    r"\b(?:nobody|no one|noone)(?: \w+){0,3} (?:miss|care|notice)(?: \w+){0,3} (?:if|when) i\b|\bif i (?:died|"
    r"die|disappeared|was gone|"
    r"vanished|did(?: not|n't) (?:exist|wake up))\b|\bdisappear forever\b|\bsleep (?:and never|forever)\b|"
    r"\bwant to (?:just )?disappear\b|"
    r"\bnot (?:be )?here (?:tomorrow|much longer)\b|\blook after my (?:kids|children|dog|family)\b|"
    r"\bkill(?:ed|ing|s)? (?:my ?self|me)\b|\bsuicid\w*|\bunaliv\w*\b|\bsewer ?slide\b|"
    r"\b(?:want to|wanna|going to|gonna|will|might|about to|should|gotta|rather|just) (?:just )?kms\b|^kms\b|"
    r"\b(?:going to|want to|will|ready to|"
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
    r"\bplan(?:ning)? my (?:own )?funeral\b|"
    r"\b(?:no|any|a|the|what) (?:point|reason)(?: \w+){0,3} (?:keep going|keep living|continue|carry on|go on|stay|"
    r"stick around|wak(?:e|ing) up|get(?:ting)? up|being here|living)\b|"
    r"\b(?:better|happier)(?: off)?(?: \w+){0,3} (?:if i|without me)\b(?: (?:was|were|am|had|wasn't|weren't|"
    r"disappeared|"
    r"died|\w+)){0,2}|"
    r"\b(?:got|have|taken|took|take|swallow\w*|bought|saved up|holding|with)(?: \w+){0,4} (?:pills|tablets|"
    r"a rope|razor|"
    r"noose|overdose)\b|\b(?:never|not|won't|don't want to) wak(?:e|ing) up (?:again|tomorrow|any ?more)\b|"
    r"\b(?:this is|it's|my) (?:my )?(?:last |final )?goodbye\b|\btell my (?:kids|children|wife|husband|family|"
    r"mum|mom)"
    r"(?: \w+){0,3} (?:love|sorry)\b|\bworth more dead\b|\blife insurance (?:will|can|would) (?:pay|cover)\b|"
    r"\b(?:hate|hating) (?:my life|being alive|living)\b|\b(?:want|need|make)(?: \w+){0,2} (?:pain|everything|"
    r"it all) "
    r"(?:to )?(?:stop|end|be over|go away)\b|\bi(?:'ll| will) be (?:gone|dead)\b|\bcan't see (?:a|any) way out\b|"
    r"\bgiv(?:e|ing) up on (?:life|everything)\b|\b(?:on|off) (?:the|a) (?:bridge|roof|ledge)\b"
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
    r"\bi know where (?:you|your)\b|\b(?:i'll|i will|going to|we'll) (?:find|track down|get|hunt(?: down)?) "
    r"(?:you|where you)\b(?! (?:the|your|my|a|some|that|it|paid|sorted))|\b(?:you'll|you will|"
    r"you're going to) (?:be sorry|"
    r"regret|suffer)\b|\bput a bullet\b|\bwatch (?:out|yourselves?)\b(?= .*\byou\b|$)|\bmake you (?:suffer|bleed)\b|"
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
    r"\bich will sterben\b|\bumbringen\b|\bbring\w* mich um\b|\bnicht mehr leben\b|"
    r"\b(?:me voy a|voy a|quiero) (?:suicidar|ahorcar|tirar|matar|acabar con (?:todo|mi vida))\w*|"
    r"\bje vais (?:me jeter|me pendre|en finir)\b|\b(?:envie|force) de (?:continuer a )?vivre\b"
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


#: Words that speak of death or of weapons in any way; who tells of a death uses them too.
_WEAK = re.compile(
    r"死(?!机|板|心眼|循环|活|角|磕|账|数|扣|期|规)|活(?:着|得|够|腻|不)|没命|"
    r"\b(?:die|dying|goodbye|gun|knife|weapon|shoot|stab|bomb|rope|noose|ledge)\b|\b(?:a|my|the) (?:bat|"
    r"crowbar|hammer)\b|"
    r"\b(?:my|written (?:a|the|my)|left a) note\b|\b(?:on|off|from) (?:the|a) (?:bridge|roof|rooftop|tracks|"
    r"edge)\b|\bdeath\b|"
    r"\b(?:morir|suicid\w*|mourir|sterben)\b"
)
_OF_A_DEATH = re.compile(
    r"去世|过世|逝世|病逝|病故|离世|已故|死(?:了|亡)(?!算|给|干净|拉倒)|没了|走了|死亡证明|丧事|葬礼|后事|"
    r"\b(?:died|dead|deceased|passed|death (?:certificate|of|in)|funeral|late|estate|buried|fallecio|murio|"
    r"decede\w*|gestorben)\b"
)
_READY_ZH = re.compile(
    r"(?:今晚|今天|明天|马上)[^,]{0,4}(?:就)?(?:结束|了断|解脱|上路)|死路一条|(?:一个个|挨个)[^,]{0,3}(?:弄|打|砍)"
)


def is_urgent(plain: str) -> bool:
    """Whether somebody may be about to harm themselves or others, or is being harmed.

    Any word of death counts that isn't a figure of speech and doesn't tell of somebody else's.
    """
    plain = _NOT.sub(lambda hit: "□" * len(hit.group()), plain)
    if _URGENT.search(plain) or _READY_ZH.search(plain):
        return True
    return _WEAK.search(plain) is not None and _OF_A_DEATH.search(plain) is None
