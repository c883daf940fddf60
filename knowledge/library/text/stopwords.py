"""Function words of German and English, question words among them.

Only words that say nothing about the subject. English words that mean something in German are left out (``not``).
"""

_GERMAN = """
aber alle allem allen aller alles als also am an and andere anderem anderen anderer anderes auch auf aus bei
beim bevor bin bis bist da dabei dadurch dafür dagegen daher damit danach daran darauf daraus darf darin darüber
darum darunter das dass daß davon davor dazu dein deine deinem deinen deiner dem demnach den denen denn dennoch
der deren derer des deshalb dessen dich die dies diese dieselbe dieselben diesem diesen dieser dieses dir doch
dort du durch dürfen ein eine einem einen einer eines einige einigem einigen einiger einiges er es etwa etwas
euch euer eure eurem euren eurer für gegen gewesen gibt habe haben hat hatte hatten hier hin hinter ich ihm ihn
ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem jeden jeder jedes jedoch jene jenem
jenen jener jenes jetzt kann kein keine keinem keinen keiner können könnte könnten machen macht man manche
manchem manchen mancher manches mein meine meinem meinen meiner mich mir mit muss müssen musste nach nachdem
nämlich nicht nichts noch nun nur ob obwohl oder ohne schon sehr sei seid sein seine seinem seinen seiner seines
seit selbst sich sie sind so sobald sofern sogar solche solchem solchen solcher solches soll sollen sollte
sollten somit sondern sonst sowie sowohl über um und uns unser unsere unserem unseren unserer unter vom von vor
während war waren warst was weder weil weiter welche welchem welchen welcher welches wenn wer werde werden wem
wen wessen wie wieder will wir wird wo wobei wodurch wofür wogegen woher wohin wollen womit wonach woran worauf
woraus worin worüber worum wovon wozu wurde wurden würde würden zu zum zur zwar zwischen wann warum weshalb
wieso wieviel wieviele wohl tun tut mal eben bitte
"""
_ENGLISH = """
a about am and are as at be been between but by can could did do does for from had has have how i if into is its
me my of on or our shall should such than that the their them then there these they this those to was we were
what when where which while who whom whose why will with would you your
"""
STOP_WORDS = frozenset(_GERMAN.split()) | frozenset(_ENGLISH.split())
