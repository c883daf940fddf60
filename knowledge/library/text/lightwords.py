"""Words that questions are made of and texts are full of: common verbs, adverbs, pronouns and general nouns.

They say something, so they are looked for, but little about the subject. A small library does not show how common they
are („jemand" may occur in one passage of 300), so it is written down here. Spelled as the stemmer meets them.
"""

_GERMAN = """
achten allein allgemein alt alte alten anders anderswo anfangen angehen ankommen anzahl art aufhören ausgegangen ausgehen
bedeutet bedeuten befindet begann beginnen beginnt beispiel beispielsweise bekam bekannt bekannte bekommen bekommt benötigt
bereits besitzt besonders besser besteht bestehen bestimmt bestimmte bestimmten beste besten betrifft bezeichnet bleiben
bleibt blieb brachte brauche brauchen braucht bringen bringt chef dachte dauernd dauert denken denkt ding dinge direkt drin
durfte eigene eigenen eigentlich einfach einmal enthält enthalten entsteht ergibt erhält erhalten erhielt erklären erst erste
ersten erstes extra fand fällt fängt fast finde finden findet frage fragen fragt führt funktioniert gab ganz ganze ganzen
geben gebraucht geeignet gefunden gegeben gehen geht gehört gehören gekommen gelten gemacht gemeinsam genannt genannte genau
genug genutzt gerade gern gerne gesagt geschah geschieht gesehen gibts gilt ging ginge gleich gleichzeitig groß große großen
größte gut gute guten halten hält häufig heißen heißt helfen heute hielt hieß hilft hoch hohe höher immer inzwischen insgesamt
irgendwann irgendwas irgendwelche irgendwer irgendwie irgendwo jemals jemand jemanden jemandem kam kenne kennen kennt klappt
klar klein kleine kleinen kommen kommt konnte konnten künftig kurz lag lang lange länger lassen lässt laufen läuft legen legt
leicht leisten leute letzte letzten lieber liegen liegt lohnt lohnen machte mache manchmal mehr mehrere meinen meint meist
meisten menge mensch menschen möchte möchten möglich möglichkeit möglichkeiten morgen mussten müsste nannte name namen
natürlich nehmen nennen nennt nennt nett neu neue neuen nie niemand nimmt nochmal normal notwendig nötig nutzen nutzt
oft öfter passen passiert passt person personen probiert recht richtig richtige rolle sache sachen sagen sagt sah schaffen
schafft scheinen schlecht schnell schreiben schreibt schwer sehen sieht setzen setzt sicher soviel später spielen spielt
ständig statt stehen steht stellen stellt stand teil teile trotzdem typisch überall überhaupt überlegen üblich ungefähr
unterschied unterschiede unterscheiden unterscheidet ursprünglich verschieden verschiedene verschiedenen verstehen
versteht versuchen versucht verwenden verwendet verwendete viel viele vielen vielleicht völlig voll vorgehen vorher wahr
wählen wegen weiß weise wenig wenige weniger wichtig wichtige wichtigste wirklich wissen wolle wollten wozu wusste zahl
zeigen zeigt zeit zuerst zunächst zusammen zuletzt zweck zweite
"""
_ENGLISH = """
any become best better called come different find first get give go good happen he her his important it just know known like
long made make makes many mean means might more most much must name need needed new no not number often old one only other
people person said same say see she some something tell thing things time us use used very want way we well work
"""
LIGHT_WORDS = frozenset(_GERMAN.split()) | frozenset(_ENGLISH.split())
