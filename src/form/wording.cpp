#include "form/wording.hpp"

#include <algorithm>
#include <array>

namespace probity::form {
namespace {

constexpr std::array<std::string_view, 4> k_locales = {"en", "de", "fr", "es"};
using Row = std::array<std::string_view, k_locales.size()>;

/// In the order of Phrase; a test checks that no cell is empty and that all take the same
/// arguments.
constexpr std::array k_phrases = {
    Row{"Continue", "Weiter", "Continuer", "Continuar"},
    Row{"Back", "Zurück", "Retour", "Atrás"},
    Row{"Send answers", "Antworten absenden", "Envoyer les réponses", "Enviar respuestas"},
    Row{"optional", "freiwillig", "facultatif", "opcional"},
    Row{"required", "erforderlich", "obligatoire", "obligatorio"},
    Row{"Please check your answers", "Bitte prüfen Sie Ihre Antworten",
        "Veuillez vérifier vos réponses", "Revise sus respuestas"},
    Row{"Error:", "Fehler:", "Erreur :", "Error:"},
    Row{"Page %1 of %2", "Seite %1 von %2", "Page %1 sur %2", "Página %1 de %2"},
    Row{"Comment", "Kommentar", "Commentaire", "Comentario"},
    Row{"Please describe", "Bitte beschreiben", "Veuillez préciser", "Descríbalo"},
    Row{"Choose one", "Bitte wählen", "Choisissez", "Elija una opción"},
    Row{"No answer", "Keine Angabe", "Sans réponse", "Sin respuesta"},
    Row{"Give each a place; 1 is first.", "Geben Sie jedem einen Platz; 1 ist der erste.",
        "Donnez une place à chacun ; 1 est la première.",
        "Dé un lugar a cada uno; 1 es el primero."},
    Row{"Choose all that apply.", "Mehrere Antworten sind möglich.",
        "Plusieurs réponses possibles.", "Puede elegir varias."},
    Row{"These were all the questions. Send your answers when you are ready.",
        "Das waren alle Fragen. Senden Sie Ihre Antworten ab, wenn Sie so weit sind.",
        "C’étaient toutes les questions. Envoyez vos réponses quand vous êtes prêt.",
        "Estas eran todas las preguntas. Envíe sus respuestas cuando quiera."},
    Row{"Your answers lead to more questions on this page.",
        "Ihre Antworten führen zu weiteren Fragen auf dieser Seite.",
        "Vos réponses mènent à d’autres questions sur cette page.",
        "Sus respuestas llevan a más preguntas en esta página."},
    Row{"Language", "Sprache", "Langue", "Idioma"},
    Row{"Every question is optional. If you leave one out, your other answers count just the same; "
        "the question counts as not answered.",
        "Jede Frage ist freiwillig. Lassen Sie eine aus, so zählen Ihre übrigen Antworten genauso; "
        "die Frage gilt als nicht beantwortet.",
        "Toutes les questions sont facultatives. Si vous en laissez une de côté, vos autres "
        "réponses comptent tout autant ; la question compte comme sans réponse.",
        "Todas las preguntas son opcionales. Si deja una sin contestar, sus demás respuestas "
        "cuentan igual; la pregunta cuenta como no contestada."},
    Row{"Questions that are not marked as required are optional. If you leave one out, your other "
        "answers count just the same; the question counts as not answered. If you leave a required "
        "one out, your answers cannot be sent, and nothing is stored.",
        "Fragen, die nicht als erforderlich bezeichnet sind, sind freiwillig. Lassen Sie eine aus, "
        "so zählen Ihre übrigen Antworten genauso; die Frage gilt als nicht beantwortet. Lassen "
        "Sie eine erforderliche aus, so können Ihre Antworten nicht abgesendet werden, und nichts "
        "wird gespeichert.",
        "Les questions qui ne sont pas marquées comme obligatoires sont facultatives. Si vous en "
        "laissez une de côté, vos autres réponses comptent tout autant ; la question compte comme "
        "sans réponse. Si vous laissez de côté une question obligatoire, vos réponses ne peuvent "
        "être envoyées, et rien n’est enregistré.",
        "Las preguntas que no están marcadas como obligatorias son opcionales. Si deja una sin "
        "contestar, sus demás respuestas cuentan igual; la pregunta cuenta como no contestada. Si "
        "deja sin contestar una obligatoria, sus respuestas no se pueden enviar y no se guarda "
        "nada."},

    Row{"An answer is needed.", "Eine Antwort ist erforderlich.", "Une réponse est nécessaire.",
        "Se necesita una respuesta."},
    Row{"Every row needs an answer; \"%1\" has none.",
        "Jede Zeile braucht eine Antwort; „%1“ hat keine.",
        "Chaque ligne demande une réponse ; « %1 » n’en a pas.",
        "Cada fila necesita una respuesta; «%1» no la tiene."},
    Row{"\"%1\" needs an answer.", "„%1“ braucht eine Antwort.", "« %1 » demande une réponse.",
        "«%1» necesita una respuesta."},
    Row{"At least one question of this group needs an answer.",
        "Mindestens eine Frage dieser Gruppe braucht eine Antwort.",
        "Au moins une question de ce groupe demande une réponse.",
        "Al menos una pregunta de este grupo necesita una respuesta."},
    Row{"The answer must be text.", "Die Antwort muss Text sein.", "La réponse doit être un texte.",
        "La respuesta debe ser un texto."},
    Row{"The answer must be a number.", "Die Antwort muss eine Zahl sein.",
        "La réponse doit être un nombre.", "La respuesta debe ser un número."},
    Row{"The answer is not one of the choices.", "Die Antwort ist keine der Möglichkeiten.",
        "La réponse ne figure pas parmi les choix.", "La respuesta no es una de las opciones."},
    Row{"The answer must be one of the choices.", "Die Antwort muss eine der Möglichkeiten sein.",
        "La réponse doit être un des choix.", "La respuesta debe ser una de las opciones."},
    Row{"The answer must be a list of choices.", "Die Antwort muss eine Liste sein.",
        "La réponse doit être une liste de choix.", "La respuesta debe ser una lista de opciones."},
    Row{"The answer must be an object with one member for each part.",
        "Die Antwort muss ein Objekt mit einem Eintrag je Teil sein.",
        "La réponse doit être un objet avec un membre par partie.",
        "La respuesta debe ser un objeto con un miembro por parte."},
    Row{"\"%1\" cannot be chosen together with others.",
        "„%1“ kann nicht zusammen mit anderen gewählt werden.",
        "« %1 » ne peut pas être choisi avec d’autres.",
        "«%1» no se puede elegir junto con otras."},
    Row{"A choice stands twice in the answer.", "Eine Möglichkeit steht zweimal in der Antwort.",
        "Un choix figure deux fois dans la réponse.", "Una opción aparece dos veces."},
    Row{"The answer names a row that does not exist.",
        "Die Antwort nennt eine Zeile, die es nicht gibt.",
        "La réponse nomme une ligne qui n’existe pas.",
        "La respuesta nombra una fila que no existe."},
    Row{"The answer names a field that does not exist.",
        "Die Antwort nennt ein Feld, das es nicht gibt.",
        "La réponse nomme un champ qui n’existe pas.",
        "La respuesta nombra un campo que no existe."},
    Row{"Every row must have a different answer.", "Jede Zeile braucht eine andere Antwort.",
        "Chaque ligne doit avoir une réponse différente.",
        "Cada fila debe tener una respuesta distinta."},
    Row{"All %1 must be given a place.", "Alle %1 brauchen einen Platz.",
        "Les %1 doivent tous avoir une place.", "Los %1 deben tener un lugar."},
    Row{"The answer has %1 characters; at most %2 are taken.",
        "Die Antwort hat %1 Zeichen; höchstens %2 sind möglich.",
        "La réponse a %1 caractères ; %2 au plus sont acceptés.",
        "La respuesta tiene %1 caracteres; se aceptan %2 como máximo."},
    Row{"The answer has %1 characters; at least %2 are needed.",
        "Die Antwort hat %1 Zeichen; mindestens %2 sind nötig.",
        "La réponse a %1 caractères ; il en faut au moins %2.",
        "La respuesta tiene %1 caracteres; se necesitan al menos %2."},
    Row{"The answer may not hold digits.", "Die Antwort darf keine Ziffern enthalten.",
        "La réponse ne doit pas contenir de chiffres.", "La respuesta no puede contener cifras."},
    Row{"The answer holds a character that cannot be stored.",
        "Die Antwort enthält ein Zeichen, das nicht gespeichert werden kann.",
        "La réponse contient un caractère qui ne peut être enregistré.",
        "La respuesta contiene un carácter que no se puede guardar."},
    Row{"The answer must be at least %1.", "Die Antwort muss mindestens %1 sein.",
        "La réponse doit être d’au moins %1.", "La respuesta debe ser al menos %1."},
    Row{"The answer must be at most %1.", "Die Antwort darf höchstens %1 sein.",
        "La réponse doit être d’au plus %1.", "La respuesta debe ser como máximo %1."},
    Row{"The answer must go in steps of %1.", "Die Antwort muss in Schritten von %1 gehen.",
        "La réponse doit aller par pas de %1.", "La respuesta debe ir en pasos de %1."},
    Row{"The answer must be written like %1.", "Die Antwort muss wie %1 geschrieben sein.",
        "La réponse doit s’écrire comme %1.", "La respuesta debe escribirse como %1."},
    Row{"The answer must not be before %1.", "Die Antwort darf nicht vor %1 liegen.",
        "La réponse ne doit pas être avant %1.", "La respuesta no puede ser anterior a %1."},
    Row{"The answer must not be after %1.", "Die Antwort darf nicht nach %1 liegen.",
        "La réponse ne doit pas être après %1.", "La respuesta no puede ser posterior a %1."},
    Row{"The answer must be an e-mail address like name@example.org.",
        "Die Antwort muss eine E-Mail-Adresse wie name@example.org sein.",
        "La réponse doit être une adresse comme name@example.org.",
        "La respuesta debe ser una dirección como name@example.org."},
    Row{"The answer must be an address like https://example.org/.",
        "Die Antwort muss eine Adresse wie https://example.org/ sein.",
        "La réponse doit être une adresse comme https://example.org/.",
        "La respuesta debe ser una dirección como https://example.org/."},
    Row{"The answer must be a colour like #1a2b3c.",
        "Die Antwort muss eine Farbe wie #1a2b3c sein.",
        "La réponse doit être une couleur comme #1a2b3c.",
        "La respuesta debe ser un color como #1a2b3c."},
    Row{"%1 are chosen; at least %2 are needed.", "%1 sind gewählt; mindestens %2 sind nötig.",
        "%1 sont choisis ; il en faut au moins %2.",
        "Se han elegido %1; se necesitan al menos %2."},
    Row{"%1 are chosen; at most %2 are taken.", "%1 sind gewählt; höchstens %2 sind möglich.",
        "%1 sont choisis ; %2 au plus sont acceptés.",
        "Se han elegido %1; se aceptan %2 como máximo."},
    Row{"The answer does not meet the rule of this question.",
        "Die Antwort erfüllt die Regel dieser Frage nicht.",
        "La réponse ne respecte pas la règle de cette question.",
        "La respuesta no cumple la regla de esta pregunta."},
    Row{"This question takes no comment.", "Diese Frage nimmt keinen Kommentar.",
        "Cette question ne prend pas de commentaire.", "Esta pregunta no admite comentarios."},
    Row{"This is not a question of the questionnaire.", "Das ist keine Frage des Fragebogens.",
        "Ce n’est pas une question du questionnaire.", "No es una pregunta del cuestionario."},
    Row{"Privacy", "Datenschutz", "Confidentialité", "Privacidad"},
    Row{"Security", "Sicherheit", "Sécurité", "Seguridad"},
    Row{"%1 asks you.", "%1 fragt Sie.", "%1 vous interroge.", "%1 le pregunta."},
    Row{"This survey is anonymous. We store your answers and the hour they arrived in, and "
        "nothing else about you: no address, no cookie, no browser details.",
        "Diese Umfrage ist anonym. Wir speichern Ihre Antworten und die Stunde, in der sie "
        "ankamen, und sonst nichts über Sie: keine Adresse, kein Cookie, keine Angaben zum "
        "Browser.",
        "Ce questionnaire est anonyme. Nous enregistrons vos réponses et l’heure de leur "
        "arrivée, arrondie à l’heure entière, et rien d’autre sur vous : ni adresse, ni cookie, "
        "ni détail de votre navigateur.",
        "Esta encuesta es anónima. Guardamos sus respuestas y la hora en que llegaron, sin "
        "minutos, y nada más sobre usted: ninguna dirección, ninguna cookie, ningún dato del "
        "navegador."},
    Row{"This survey is confidential. We store your answers, the time, and a shortened network "
        "address that does not point to you. Reports never show small groups.",
        "Diese Umfrage ist vertraulich. Wir speichern Ihre Antworten, die Zeit und eine "
        "gekürzte Netzadresse, die nicht auf Sie zeigt. Berichte zeigen nie kleine Gruppen.",
        "Ce questionnaire est confidentiel. Nous enregistrons vos réponses, l’heure et une "
        "adresse réseau raccourcie qui ne désigne pas votre personne. Les rapports ne montrent "
        "jamais de petits groupes.",
        "Esta encuesta es confidencial. Guardamos sus respuestas, el momento y una dirección de "
        "red acortada que no apunta a usted. Los informes nunca muestran grupos pequeños."},
    Row{"This survey asks who you are. Your answers are stored together with what you enter "
        "about yourself, the time, and a shortened network address.",
        "Diese Umfrage fragt, wer Sie sind. Ihre Antworten werden zusammen mit dem gespeichert, "
        "was Sie über sich angeben, dazu die Zeit und eine gekürzte Netzadresse.",
        "Ce questionnaire demande qui vous êtes. Vos réponses sont enregistrées avec ce que "
        "vous indiquez sur vous, l’heure et une adresse réseau raccourcie.",
        "Esta encuesta pregunta quién es usted. Sus respuestas se guardan junto con lo que "
        "indique sobre usted, el momento y una dirección de red acortada."},
    Row{"Not open", "Nicht geöffnet", "Pas ouvert", "No está abierta"},
    Row{"This survey has not opened yet. Please come back later.",
        "Diese Umfrage hat noch nicht begonnen. Bitte kommen Sie später wieder.",
        "Ce questionnaire n’est pas encore ouvert. Revenez plus tard.",
        "Esta encuesta todavía no se ha abierto. Vuelva más tarde."},
    Row{"This survey is closed. It takes no more responses.",
        "Diese Umfrage ist geschlossen. Sie nimmt keine Antworten mehr an.",
        "Ce questionnaire est clos. Il ne prend plus de réponses.",
        "Esta encuesta está cerrada. Ya no admite respuestas."},
    Row{"This survey has received all the responses it asked for.",
        "Diese Umfrage hat alle Antworten erhalten, um die sie gebeten hat.",
        "Ce questionnaire a reçu toutes les réponses qu’il demandait.",
        "Esta encuesta ya ha recibido todas las respuestas que pedía."},
    Row{"Not stored", "Nicht gespeichert", "Rien n’a été enregistré", "No se ha guardado"},
    Row{"This page was sent before with other answers. The answers sent first are kept.",
        "Diese Seite wurde schon einmal mit anderen Antworten gesendet. Die zuerst gesendeten "
        "gelten.",
        "Cette page a déjà été envoyée avec d’autres réponses. Les premières sont gardées.",
        "Esta página ya se envió con otras respuestas. Se conservan las primeras."},
    Row{"Nothing here", "Hier ist nichts", "Il n’y a rien ici", "Aquí no hay nada"},
    Row{"There is no survey at this address. Check that the link is complete.",
        "Unter dieser Adresse gibt es keine Umfrage. Bitte prüfen Sie, ob der Link vollständig "
        "ist.",
        "Il n’y a pas de questionnaire à cette adresse. Vérifiez que le lien est complet.",
        "No hay ninguna encuesta en esta dirección. Compruebe que el enlace esté completo."},
    Row{"Please try again shortly", "Bitte versuchen Sie es gleich noch einmal",
        "Réessayez dans un instant", "Inténtelo de nuevo en un momento"},
    Row{"The page cannot be shown just now. Wait a little, then load it again.",
        "Die Seite kann im Augenblick nicht gezeigt werden. Warten Sie ein wenig und laden Sie "
        "sie dann neu.",
        "La page ne peut pas être affichée pour l’instant. Attendez un peu, puis rechargez-la.",
        "La página no se puede mostrar en este momento. Espere un poco y vuelva a cargarla."},
    Row{"Your answers could not be stored just now. Wait a little, then send them again "
        "with the button below: they count once, however often they are sent.",
        "Ihre Antworten konnten gerade nicht gespeichert werden. Warten Sie ein wenig und "
        "senden Sie sie dann mit dem Knopf unten noch einmal: Sie zählen einmal, wie oft sie auch "
        "gesendet werden.",
        "Vos réponses n’ont pas pu être enregistrées pour l’instant. Attendez un peu, puis "
        "renvoyez-les avec le bouton ci-dessous : elles comptent une seule fois, quel que soit le "
        "nombre d’envois.",
        "Sus respuestas no se han podido guardar en este momento. Espere un poco y envíelas "
        "otra vez con el botón de abajo: cuentan una sola vez, por más que se envíen."},
    Row{"This did not work", "Das hat nicht geklappt", "Cela n’a pas fonctionné",
        "No ha funcionado"},
    Row{"Something went wrong on our side, not on yours. Please try again later.",
        "Auf unserer Seite ist etwas schiefgegangen, nicht auf Ihrer. Bitte versuchen Sie es "
        "später noch einmal.",
        "Quelque chose n’a pas marché de notre côté, pas du vôtre. Réessayez plus tard.",
        "Algo ha fallado por nuestra parte, no por la suya. Inténtelo más tarde."},
    Row{"Something went wrong on our side, not on yours. It is not certain that your answers "
        "are stored. Send them again with the button below: they count once, however often they "
        "are sent.",
        "Auf unserer Seite ist etwas schiefgegangen, nicht auf Ihrer. Es ist nicht sicher, ob "
        "Ihre Antworten gespeichert sind. Senden Sie sie mit dem Knopf unten noch einmal: Sie "
        "zählen einmal, wie oft sie auch gesendet werden.",
        "Quelque chose n’a pas marché de notre côté, pas du vôtre. Il n’est pas certain que vos "
        "réponses soient enregistrées. Renvoyez-les avec le bouton ci-dessous : elles comptent une "
        "seule fois, quel que soit le nombre d’envois.",
        "Algo ha fallado por nuestra parte, no por la suya. No es seguro que sus respuestas se "
        "hayan guardado. Envíelas otra vez con el botón de abajo: cuentan una sola vez, por más "
        "que se envíen."},
    Row{"This could not be read", "Das war nicht lesbar", "Cela n’a pas pu être lu",
        "No se ha podido leer"},
    Row{"What your browser sent is not what this page sends, or it is too large. Nothing was "
        "stored. Go back, check what you entered and send it again.",
        "Was Ihr Browser gesendet hat, entspricht nicht dieser Seite oder ist zu groß. Nichts "
        "wurde gespeichert. Gehen Sie zurück, prüfen Sie Ihre Eingaben und senden Sie noch "
        "einmal.",
        "Ce que votre navigateur a envoyé ne correspond pas à cette page, ou est trop "
        "volumineux. Rien n’a été enregistré. Revenez en arrière, vérifiez votre saisie et "
        "renvoyez-la.",
        "Lo que ha enviado su navegador no es lo que envía esta página, o es demasiado grande. "
        "No se ha guardado nada. Vuelva atrás, revise lo que escribió y envíelo otra vez."},
    Row{"If you ask somebody about it, give this number: %1",
        "Wenn Sie jemanden danach fragen, nennen Sie diese Nummer: %1",
        "Si vous posez la question à quelqu’un, donnez ce numéro : %1",
        "Si pregunta a alguien por ello, dé este número: %1"},
    Row{"Thank you. Your answers have been stored.",
        "Vielen Dank. Ihre Antworten sind gespeichert.", "Merci. Vos réponses sont enregistrées.",
        "Gracias. Sus respuestas se han guardado."},
    Row{"Your receipt:", "Ihre Quittung:", "Votre reçu :", "Su recibo:"},
    Row{"Keep it if you want to check later that your answers are still stored. It says nothing "
        "about what you answered.",
        "Bewahren Sie sie auf, wenn Sie später prüfen möchten, ob Ihre Antworten noch "
        "gespeichert sind. Sie sagt nichts darüber, was Sie geantwortet haben.",
        "Gardez-le si vous voulez vérifier plus tard que vos réponses sont toujours "
        "enregistrées. Il ne dit rien de ce que vous avez répondu.",
        "Consérvelo si quiere comprobar más adelante que sus respuestas siguen guardadas. No "
        "dice nada de lo que ha contestado."},
    Row{"Check this receipt", "Diese Quittung prüfen", "Vérifier ce reçu", "Comprobar este recibo"},
    Row{"Receipt", "Quittung", "Reçu", "Recibo"},
    Row{"The answers of this receipt are stored. They arrived in the hour that began on %1 "
        "(UTC).",
        "Die Antworten zu dieser Quittung sind gespeichert. Sie kamen in der Stunde an, die am "
        "%1 (UTC) begann.",
        "Les réponses de ce reçu sont enregistrées. Elles sont arrivées dans l’heure qui a "
        "commencé le %1 (UTC).",
        "Las respuestas de este recibo están guardadas. Llegaron en la hora que empezó el %1 "
        "(UTC)."},
    Row{"Nothing is stored under this receipt. Either the address is not complete, or the "
        "answers have been erased, as happens when their time is over.",
        "Zu dieser Quittung ist nichts gespeichert. Entweder ist die Adresse nicht vollständig, "
        "oder die Antworten wurden gelöscht, wie es nach Ablauf ihrer Frist geschieht.",
        "Rien n’est enregistré sous ce reçu. Soit l’adresse n’est pas complète, soit les "
        "réponses ont été effacées, comme cela se fait une fois leur délai écoulé.",
        "No hay nada guardado con este recibo. O la dirección no está completa, o las "
        "respuestas se han borrado, como ocurre cuando vence su plazo."},
    Row{"Preview: nothing entered here is stored.",
        "Vorschau: Nichts, was hier eingegeben wird, wird gespeichert.",
        "Aperçu : rien de ce qui est saisi ici n’est enregistré.",
        "Vista previa: nada de lo que se escriba aquí se guarda."},
    Row{"none, as this is a preview", "keine, denn dies ist eine Vorschau",
        "aucun, car ceci est un aperçu", "ninguno, porque esto es una vista previa"},
    Row{"Check your answers", "Prüfen Sie Ihre Antworten", "Vérifiez vos réponses",
        "Revise sus respuestas"},
    Row{"Nothing has been sent yet. You can still change every answer.",
        "Noch ist nichts gesendet. Sie können jede Antwort noch ändern.",
        "Rien n’a encore été envoyé. Vous pouvez encore modifier chaque réponse.",
        "Todavía no se ha enviado nada. Puede cambiar cualquier respuesta."},
    Row{"Not answered", "Nicht beantwortet", "Sans réponse", "Sin contestar"},
    Row{"Change", "Ändern", "Modifier", "Cambiar"},
    Row{"Continue to %1", "Weiter zu %1", "Continuer vers %1", "Continuar a %1"},
    Row{"What you entered", "Was Sie eingegeben haben", "Ce que vous avez saisi",
        "Lo que ha escrito"},
    Row{"It is stored nowhere. You can copy it from here.",
        "Es ist nirgends gespeichert. Sie können es von hier kopieren.",
        "Cela n’est enregistré nulle part. Vous pouvez le copier ici.",
        "No se ha guardado en ningún sitio. Puede copiarlo desde aquí."},
    Row{"Send again", "Noch einmal senden", "Envoyer de nouveau", "Enviar de nuevo"},
    Row{"Keep what I enter in this browser until I send it",
        "Meine Eingaben in diesem Browser behalten, bis ich sie absende",
        "Garder ma saisie dans ce navigateur jusqu’à l’envoi",
        "Guardar lo que escribo en este navegador hasta enviarlo"},
    Row{"This browser has kept answers that were not sent.",
        "Dieser Browser hat Antworten behalten, die nicht abgesendet wurden.",
        "Ce navigateur a gardé des réponses qui n’ont pas été envoyées.",
        "Este navegador ha guardado respuestas que no se enviaron."},
    Row{"Go on with them", "Damit weitermachen", "Les reprendre", "Seguir con ellas"},
    Row{"Delete them", "Sie löschen", "Les supprimer", "Borrarlas"},
    Row{"%1 of %2 questions on this page answered", "%1 von %2 Fragen dieser Seite beantwortet",
        "%1 questions sur %2 de cette page ont une réponse",
        "%1 de %2 preguntas de esta página contestadas"},
    Row{"%1 characters left", "Noch %1 Zeichen", "Encore %1 caractères", "Quedan %1 caracteres"},
    Row{"Move up: %1", "Nach oben: %1", "Monter : %1", "Subir: %1"},
    Row{"Move down: %1", "Nach unten: %1", "Descendre : %1", "Bajar: %1"},
    Row{"%1: place %2", "%1: Platz %2", "%1 : place %2", "%1: lugar %2"},
    Row{"Take the order back", "Reihenfolge zurücknehmen", "Annuler l’ordre", "Anular el orden"},
    Row{"Not sent yet", "Noch nicht gesendet", "Pas encore envoyé", "Todavía no enviado"},
    Row{"This came quicker than people answer, as programs do. Your answers are still here: press "
        "the button once more.",
        "Das kam schneller, als Menschen antworten, wie von einem Programm. Ihre Antworten sind "
        "noch da: Drücken Sie den Knopf noch einmal.",
        "C’est arrivé plus vite qu’une personne ne répond, comme d’un programme. Vos réponses sont "
        "toujours là : appuyez encore une fois sur le bouton.",
        "Ha llegado más rápido de lo que responde una persona, como de un programa. Sus respuestas "
        "siguen aquí: pulse el botón una vez más."},
    Row{"A field that people do not see was filled in, as programs do. Your answers are still "
        "here, "
        "and that field is empty again: press the button once more.",
        "Ein Feld, das Menschen nicht sehen, war ausgefüllt, wie von einem Programm. Ihre "
        "Antworten "
        "sind noch da, und das Feld ist wieder leer: Drücken Sie den Knopf noch einmal.",
        "Un champ que les personnes ne voient pas a été rempli, comme par un programme. Vos "
        "réponses "
        "sont toujours là et ce champ est de nouveau vide : appuyez encore une fois sur le bouton.",
        "Se ha rellenado un campo que las personas no ven, como hacen los programas. Sus "
        "respuestas "
        "siguen aquí y ese campo está vacío otra vez: pulse el botón una vez más."},
    Row{"Very many answers are arriving just now. Yours are still here: wait a minute, then press "
        "the button once more.",
        "Gerade kommen sehr viele Antworten an. Ihre sind noch da: Warten Sie eine Minute und "
        "drücken Sie dann den Knopf noch einmal.",
        "Un très grand nombre de réponses arrivent en ce moment. Les vôtres sont toujours là : "
        "attendez une minute, puis appuyez encore une fois sur le bouton.",
        "Están llegando muchísimas respuestas. Las suyas siguen aquí: espere un minuto y pulse el "
        "botón una vez más."},
    Row{"Leave this field empty", "Lassen Sie dieses Feld leer", "Laissez ce champ vide",
        "Deje este campo vacío"},
    Row{"Begin anew", "Von vorn beginnen", "Recommencer", "Empezar de nuevo"},
    Row{"Not sent: the server cannot be reached. Your answers are still here. Check your "
        "connection, then press the button once more.",
        "Nicht gesendet: Der Server ist nicht zu erreichen. Ihre Antworten sind noch da. Prüfen "
        "Sie Ihre Verbindung und drücken Sie dann den Knopf noch einmal.",
        "Pas envoyé : le serveur est injoignable. Vos réponses sont toujours là. Vérifiez votre "
        "connexion, puis appuyez encore une fois sur le bouton.",
        "No enviado: no se puede contactar con el servidor. Sus respuestas siguen aquí. Compruebe "
        "su conexión y pulse el botón una vez más."},
    Row{"You have not answered anything yet. Answer at least one question, or close this page if "
        "you do not want to take part.",
        "Sie haben noch nichts beantwortet. Beantworten Sie mindestens eine Frage, oder schließen "
        "Sie diese Seite, wenn Sie nicht teilnehmen möchten.",
        "Vous n’avez encore répondu à rien. Répondez à une question au moins, ou fermez cette page "
        "si vous ne souhaitez pas participer.",
        "Todavía no ha respondido nada. Responda al menos a una pregunta, o cierre esta página si "
        "no quiere participar."},
};
static_assert(k_phrases.size() == k_phrase_count);

constexpr std::array<std::string_view, 12> k_right_to_left = {
    "ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "syr", "ug", "ur"};

std::string_view primary(std::string_view locale) {
  return locale.substr(0, locale.find_first_of("-_"));
}

std::size_t column_of(std::string_view locale) {
  const auto known = std::ranges::find(k_locales, primary(locale));
  return known == k_locales.end() ? 0 : static_cast<std::size_t>(known - k_locales.begin());
}

}  // namespace

std::string phrase(std::string_view locale, Phrase which, std::string_view first,
                   std::string_view second) {
  const std::size_t column = column_of(locale);
  const std::string_view text = k_phrases[static_cast<std::size_t>(which)][column];
  std::string out;
  out.reserve(text.size() + first.size() + second.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_place = text[i] == '%' && i + 1 < text.size();
    if (is_place && text[i + 1] == '1')
      out += first;
    else if (is_place && text[i + 1] == '2')
      out += second;
    else {
      out.push_back(text[i]);
      continue;
    }
    ++i;
  }
  return out;
}

std::string_view phrase_language(std::string_view locale) { return k_locales[column_of(locale)]; }

std::span<const std::string_view> phrase_locales() { return k_locales; }

bool is_right_to_left(std::string_view locale) {
  return std::ranges::find(k_right_to_left, primary(locale)) != k_right_to_left.end();
}

}  // namespace probity::form
