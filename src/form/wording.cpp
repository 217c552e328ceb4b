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
};
static_assert(k_phrases.size() == static_cast<std::size_t>(Phrase::UnknownQuestion) + 1);

constexpr std::array<std::string_view, 12> k_right_to_left = {
    "ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "syr", "ug", "ur"};

std::string_view primary(std::string_view locale) {
  return locale.substr(0, locale.find_first_of("-_"));
}

}  // namespace

std::string phrase(std::string_view locale, Phrase which, std::string_view first,
                   std::string_view second) {
  const auto known = std::ranges::find(k_locales, primary(locale));
  const std::size_t column =
      known == k_locales.end() ? 0 : static_cast<std::size_t>(known - k_locales.begin());
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

std::span<const std::string_view> phrase_locales() { return k_locales; }

bool is_right_to_left(std::string_view locale) {
  return std::ranges::find(k_right_to_left, primary(locale)) != k_right_to_left.end();
}

}  // namespace probity::form
