"""How the weightiest intents are said in Spanish, French and a few more, over `normalize.normal`'s spelling.

Lenders in the United States write to people who answer in Spanish; accents are gone by the time these are looked for.
"""

_TO_SEND = (
    r"(?:llam\w+|mand\w+|envi\w+|escrib\w+|contact\w+|molest\w+|text\w+|marqu\w+|marc\w+|hostig\w+|"
    r"acos\w+|joda\w*|busqu\w+)"
)
_MESSAGES = r"(?:mensajes?|textos?|llamadas?|sms|correos?|recordatorios?|avisos?)"
_KIN = r"(?:papa|padre|mama|madre|esposo|esposa|marido|hijo|hija|hermano|hermana|abuelo|abuela|tio|tia)"

COMMANDS: dict[str, tuple[str, ...]] = {
    "stop": (
        *(
            "alto",
            "basta",
            "pare",
            "paren",
            "parar",
            "detener",
            "detenga",
            "detenganse",
            "cancelar",
            "cancele",
            "salir",
            "baja",
        ),
        *(
            "remover",
            "eliminar",
            "terminar",
            "fin",
            "no mas",
            "ya no",
            "ya basta",
            "dejar",
            "darme de baja",
            "borrar",
            "sair",
        ),
        *(
            "arret",
            "arretez",
            "arreter",
            "stopper",
            "desabonner",
            "desinscrire",
            "desinscription",
            "annuler",
            "desabonnement",
        ),
        *(
            "stopp",
            "halt",
            "abmelden",
            "abbestellen",
            "aufhoren",
            "стоп",
            "тигил",
            "tigil",
            "itigil",
            "dung lai",
            "huy",
        ),
    ),
    "start": ("empezar", "iniciar", "comenzar", "reanudar", "suscribir", "suscribirme", "continuar"),
    "paid": ("pagado", "ya pague", "paye", "bezahlt"),
}
SAID: dict[str, tuple[str, ...]] = {
    "stop": (
        r"\b(?:borr|elimin|saqu|quit|remuev|retir)\w*(?:me|nme)\b|\b(?:retirez|enlevez|supprimez|effacez|otez|"
        r"rayez)[- ]?(?:moi|mon)\b|"
        r"\b(?:loschen|entfernen|streichen) sie (?:mich|meine)\b|\bkeine weiteren\b|\bplus (?:me|"
        r"m')(?: )?(?:contacter|appeler|ecrire)\b",
        r"\b(?:nicht|nie) (?:mehr|wieder) (?:an\w*|schreib\w*|kontaktier\w*|meld\w*|send\w*)\b|"
        r"\bschreiben sie mir nicht\b|"
        r"\blassen sie mich in ruhe\b|\barretez\b|\bne (?:me |m')?\w+ plus\b|\bstop aux (?:sms|messages)\b|"
        r"\bretir\w+(?: \w+){0,2} (?:liste|numero)\b|\bno (?:me|nos) (?:llamen|escriban|manden|molesten|"
        r"contacten|texteen)\b",
        rf"(?<!palo )\balto\b(?! (?:riesgo|costo|interes))|\bya basta\b|\bbasta de\b|\bno (?:mas|"
        rf"quiero)(?: \w+){{0,3}} {_MESSAGES}\b",
        rf"\bno (?:me|nos|le|vuelva\w* a|deben|quiero que(?: me)?|sigan?)(?: \w+){{0,2}} ?{_TO_SEND}\b",
        rf"\b(?:dej\w+|par\w+|deten\w+) de(?: \w+){{0,2}} {_TO_SEND}\b|\bdej\w* ?(?:me|nos)? en paz\b|"
        rf"\bdejeme\w* en paz\b",
        rf"\b(?:cancel\w+|deten\w+|par\w+|suspend\w+) (?:los|las|estos|estas|sus|mis|todos los|"
        rf"todas las)(?: \w+)? ?{_MESSAGES}\b",
        r"\bde baja\b|\b(?:quit\w+|borr\w+|elimin\w+|saqu\w+)(?: \w+){0,2} (?:numero|lista|telefono|"
        r"nombre)\b",
        r"\barret\w*\b(?=.*\b(?:messages?|sms|textos?|appel\w*|envoy\w*|contact\w*|m')|$)|\barretez\b|"
        r"\bplus de (?:messages?|sms|textos?|appels?)\b",
        r"\bne (?:me |m'|m )?(?:contact\w+|appel\w+|ecri\w+|envoy\w+|derang\w+)|\b(?:me )?desabonn\w+|"
        r"\blaissez[ -]moi tranquille\b|\bdesinscri\w+",
        r"\bkeine (?:sms|anrufe|nachrichten)(?: mehr)?\b|\b(?:horen sie|hort) auf\b",
    ),
    "deceased": (
        r"\b(?:fallecio|fallecido|fallecida|murio|se murio|ha muerto|acta de defuncion|esta muert[oa])\b|"
        r"\best (?:decede|decedee|mort|morte)\b",
    ),
    "lawyer": (
        r"\b(?:mi|con mi|contrate(?: a)? un|tengo(?: un)?|nuestro|hable con(?: mi)?) abogad[oa]\b|"
        r"\bmon avocat\b",
    ),
    "wrong_person": (
        r"\bvous vous trompez\b|\bce n'est pas (?:moi|mon numero|le bon numero|la bonne personne)\b|"
        r"\bje ne (?:suis pas|connais pas|"
        r"connais personne)\b(?! (?:d'accord|sur|en mesure|capable))|\bil n'y a (?:pas de|personne)\b|"
        r"\bfalsche (?:nummer|person)\b|"
        r"\bkenne ich nicht\b|\bverwahlt\b|\bno (?:lo|la) conozco\b|\bnumero (?:es|era) de otr[oa]\b|"
        r"\baqui no (?:es|esta)\b",
        r"\bnumero (?:equivocado|incorrecto)\b|\bpersona equivocada\b|\bse (?:equivoc\w+|"
        r"han equivocado)\b|\bno soy (?!culpable|responsable)\w+",
        r"\b(?:no|ya no) (?:conozco a|vive aqui|es (?:su|el|la) (?:numero|telefono))\b|\baqui no (?:vive|"
        r"hay)\b|\b(?:mauvais|faux) numero\b|"
        r"\berreur de (?:numero|personne)\b|\bfalsche nummer\b",
    ),
    "dispute": (
        r"\bn'est pas (?:la mienne|a moi|le mien)\b|\bpas (?:ma|mon|notre) (?:dette|credit|pret|compte)\b|"
        r"\bno es nuestr[oa]\b",
        r"\bne reconnais pas\b|\b(?:no|nunca) (?:pedi|solicite|saque|firme|contrate|autorice)\b|"
        r"\bje n'ai (?:jamais|rien|pas) "
        r"(?:signe|emprunte|demande|souscrit|contracte)\b|\bnie (?:unterschrieben|beantragt|abgeschlossen)\b",
        r"\bje conteste\b|\b(?:ce n'est|c'est) pas ma (?:dette|signature)\b|\bje ne vous dois rien\b|"
        r"\bmontant (?:est )?"
        r"(?:faux|incorrect|errone)\b|\bich bestreite\b|\bnicht meine schuld(?:en)?\b|\bno reconozco\b|"
        r"\bno es correct[oa]\b|"
        r"\bya (?:esta|fue) (?:pagad[oa]|liquidad[oa]) (?:desde|hace)\b|\bcobr\w+ (?:de mas|doble|dos veces)\b",
        r"\b(?:yo )?no (?:les |le )?debo\b|\bno es (?:mi|mia|mio)\b(?: (?:deuda|cuenta|"
        r"prestamo))?(?! (?:culpa|numero|nombre|telefono))|\brobo de identidad\b",
        r"\bnunca (?:pedi|abri|firme|saque|tuve|solicite)\b|\b(?:es|fue) (?:un )?fraude\b|\brobaron (?:mi|"
        r"la) identidad\b|"
        r"\b(?:monto|cantidad|saldo)(?: \w+){0,3} (?:mal|incorrect[oa]|equivocad[oa])\b|"
        r"\bje ne dois rien\b",
    ),
    "complaint": (
        r"\b(?:queja|demandarlos|denunci\w+|acoso|los voy a (?:demandar|reportar))\b|\bporter plainte\b",
    ),
    "hardship": (
        r"\bau chomage\b|\b(?:pas|plus) d'argent\b|\bne (?:peux|pouvons|peut) pas (?:payer|rembourser)\b|"
        r"\bperdu mon (?:emploi|"
        r"travail|boulot)\b|\ben difficulte\b|\bmalade\b|\betaler\b|\barbeitslos\b|\bkein geld\b|"
        r"\bkann (?:das |es )?nicht "
        r"(?:be)?zahlen\b|\bno me alcanza\b|\bme (?:despidieron|corrieron|quede sin)\b|\bmas tiempo\b|"
        r"\bpuedo pagar menos\b",
        r"\bno tengo (?:dinero|trabajo|plata|para pagar|con que|como pagar|empleo)\b|\bno (?:puedo|"
        r"podemos) pagar\b|\bperdi (?:mi|el) (?:trabajo|empleo)\b",
        r"\b(?:desemplead[oa]|sin trabajo|sin empleo|en bancarrota|en el hospital|enferm[oa])\b|\b(?:plan|"
        r"arreglo) de pagos?\b|\bje ne peux pas payer\b",
    ),
    "paid": (
        r"\b(?:deuda|cuenta|todo)(?: ya)? (?:esta|fue|quedo) (?:pagad|liquidad|saldad)[oa]\b",
        r"\b(?:virement|paiement|cheque)(?: \w+){0,2} (?:parti|passe|fait|envoye|effectue)\b|"
        r"\bc'est (?:deja )?(?:paye|regle)\b|"
        r"\b(?:el )?pago (?:ya )?(?:esta|quedo|fue) (?:hecho|realizado|enviado)\b",
        r"\b(?:habe|wurde|ist) (?:\w+ ){0,3}(?:bezahlt|uberwiesen)\b|\bvirement (?:\w+ ){0,2}(?:fait|effectue|"
        r"envoye)\b|"
        r"\bai (?:deja |tout )?(?:paye|regle|rembourse|vire)\b|\bya (?:les |le |lo |la )?(?:deposite|"
        r"transferi|mande|envie|pague)\b|"
        r"\b(?:deposite|transferi) (?:ayer|el|hoy)\b",
        r"\bya (?:lo |la |les |esta |hice (?:el|un) )?(?:pague|pagado|pagada|pague|pago|page|deposite|"
        r"transferi)\b|\bhice (?:el|un) pago\b",
        r"\bpague (?:ayer|hoy|todo|el|la|esta)\b|\b(?:deja|j'ai) paye\b",
    ),
    "promise": (
        r"\b(?:el|este|la|para el|hasta el) (?:lunes|martes|miercoles|jueves|viernes|sabado|domingo|"
        r"proxim\w+ \w+|quincena|"
        r"\d{1,2})(?: \w+){0,3} (?:pago|deposito|abono|transfiero|envio|mando|liquido)\b|"
        r"\bmanana (?:\w+ ){0,2}(?:pago|deposito|"
        r"abono|transfiero)\b|\bje (?:vous )?(?:paie|paye|paierai|payerai|regle|reglerai|vire|virerai|"
        r"rembourse\w*)(?: \w+){0,3} "
        r"(?:demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|la semaine|le \d{1,2})\b|\b(?:zahle|uberweise|"
        r"bezahle)(?: \w+){0,3} "
        r"(?:morgen|am \w+|nachste \w+|bis)\b",
        r"\b(?:voy a|puedo|podre|quiero|prometo) (?:pagar|depositar|abonar|hacer (?:el|un) pago)\b|"
        r"\bpagare\b|\bpago (?:el|la|hoy|manana|este|esta)\b|"
        r"\b(?:je vais|je peux) payer\b|\bje paierai\b|\b(?:les |le )pago (?:el|manana|hoy)\b",
    ),
    "start": (r"\b(?:volver a|vuelvan a) (?:recibir|mandar|enviar)\b",),
    "question": (
        r"\b(?:cuanto|cuanta|cuando|como|quien|quienes|donde|por que|cual)\b (?:\w+ )?(?:debo|es|son|"
        r"puedo|esta|pago|hago|me)\b|\bcombien\b",
    ),
}
NOT: dict[str, tuple[str, ...]] = {
    "stop": (
        rf"\bno (?:me )?(?:han|llego|llegan|recibo|recibi)(?: \w+){{0,3}} {_MESSAGES}\b|\bno me llamo\b",
    ),
    "promise": (r"\bno (?:puedo|voy a|podre|quiero|podemos)(?: \w+)? pagar\w*\b|\bno pagare\b",),
    "paid": (r"\bno (?:he |lo he )?(?:pagado|pague)\b",),
    "lawyer": (r"\bno tengo abogad[oa]\b",),
}
#: The kin of a writer who tells of a death, for those who look for it.
KIN = _KIN
