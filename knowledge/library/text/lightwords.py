"""Words that questions are made of and texts are full of: common verbs, adverbs, pronouns and general nouns.

They say something, so they are looked for, but little about the subject. A small library does show how common they
are („jemand" may occur in one passage of 300), so it is written down here. Spelled as the stemmer meets them.
"""

_GERMAN = """
achten allein alt alte alten anders anderswo anfangen angehen ankommen anzahl art aufhören ausgegangen ausgehen
bedeuten bedeutet befindet begann beginnen beginnt beispiel beispielsweise bekam bekannt bekannte bekommen
bekommt benötigt bereits besitzt besonders besser beste bestehen besteht besten bestimmt bestimmte bestimmten
betrifft bezeichnet bleiben bleibt blieb brachte brauche brauchen braucht bringen bringt dachte dauernd dauert
denken denkt ding dinge direkt drin durfte eigene eigenen eigentlich einfach einmal enthalten enthält entsteht
ergibt erhalten erhielt erhält erklären erst erste ersten erstes extra fand fast finde finden findet frage
fragen fragt funktioniert fällt fängt führt gab ganz ganze ganzen geben gebraucht geeignet gefunden gegeben
gehen geht gehören gehört gekommen gelten gemacht gemeinsam genannt genannte genau genug genutzt gerade gern
gerne gesagt geschah geschieht gesehen gibts gilt ging ginge gleich gleichzeitig groß große großen größte gut
gute guten halten heißen heißt helfen heute hielt hieß hilft hoch hohe hält häufig höher immer insgesamt
inzwischen irgendwann irgendwas irgendwelche irgendwer irgendwie irgendwo jemals jemand jemandem jemanden kam
kenne kennen kennt klappt klar klein kleine kleinen kommen kommt konnte konnten kurz künftig lag lang lange
lassen laufen leicht leisten letzte letzten leute lieber liegen liegt lohnen lohnt länger lässt läuft mache
machte manchmal mehr mehrere meint meist meisten menge mensch menschen mussten möchte möchten möglich
möglichkeit möglichkeiten müsste name namen nannte natürlich nehmen nennen nennt neu neue neuen nie niemand
nimmt nochmal normal notwendig nutzen nutzt nötig oft passen passiert passt probiert richtig richtige rolle
sache sachen sagen sagt sah schaffen schafft scheinen schlecht schnell schwer sehen setzen setzt sicher sieht
soviel später stand statt stehen steht stellen stellt ständig teil teile trotzdem typisch ungefähr unterscheiden
unterscheidet unterschied unterschiede ursprünglich verschieden verschiedene verschiedenen verstehen versteht
versuchen versucht verwenden verwendet verwendete viel viele vielen vielleicht voll vorgehen vorher völlig wegen
weiß wenig wenige weniger wichtig wichtige wichtigste wirklich wissen wolle wollten wusste zahl zeigen zeigt
zeit zuerst zuletzt zunächst zusammen zweck zweite öfter überall überhaupt überlegen üblich
"""
_ENGLISH = """
any become best better called come different find first get give go good happen he her his important it just
know known like long made make makes many mean means might more most much must name need needed new no
number often old one only other people said same say see she some something tell thing things time us use used
very want way well work
"""
LIGHT_WORDS = frozenset(_GERMAN.split()) | frozenset(_ENGLISH.split())
