#include "identity/common_words.hpp"

#include <array>

namespace probity::identity {
namespace {

constexpr auto k_words = std::to_array<std::string_view>({
    "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghijklmnop", "access", "admin",
    "administrator", "alexander", "alexandra", "always", "amanda", "america", "american", "andrea",
    "andrew", "android", "angel", "angels", "anthony", "anything", "apple", "april", "arsenal",
    "asdf", "asdfasdf", "asdfg", "asdfgh", "asdfghjkl", "asdzxc", "ashley", "asshole", "august",
    "australia", "autumn", "awesome", "azerty", "azertyuiop", "baby", "babyboy", "babygirl",
    "bailey", "banana", "barbara", "barcelona", "baseball", "basketball", "batman", "bear",
    "beatles", "beautiful", "berlin", "best", "bestfriend", "bienvenue", "bird", "bitch",
    "blessed", "blink", "brandon", "brazil", "brother", "buddy", "business", "butterfly",
    "california", "camaro", "canada", "cdevfr", "change", "changeme", "charlie", "charlotte",
    "cheese", "chelsea", "cherry", "china", "chocolate", "christ", "christian", "christine",
    "cisco", "coffee", "college", "company", "computer", "contrasena", "cookie", "cool",
    "corvette", "cowboys", "crystal", "cunt", "daddy", "daisy", "daniel", "danielle", "database",
    "december", "default", "demo", "devil", "diamond", "dick", "doctor", "doggie", "dollar",
    "dolphin", "dragon", "dragonball", "eagle", "eagles", "edcrfv", "elizabeth", "emily",
    "england", "example", "facebook", "faith", "falcon", "family", "father", "february", "ferrari",
    "first", "florida", "flower", "football", "forever", "fortnite", "france", "freedom", "friday",
    "friend", "friends", "fuck", "fuckme", "fuckyou", "gandalf", "george", "germany", "ghost",
    "ginger", "gmail", "godisgood", "goku", "gold", "golden", "golf", "good", "goodbye", "google",
    "grace", "great", "guest", "guitar", "handsome", "hannah", "happy", "harley", "harry",
    "harrypotter", "haslo", "heaven", "hello", "hellokitty", "helloworld", "hockey", "hogwarts",
    "honda", "honey", "hope", "horse", "hospital", "hotmail", "hottie", "hulk", "hunter", "iloveu",
    "iloveyou", "india", "instagram", "internet", "iphone", "ironman", "italy", "jackson",
    "january", "japan", "jasmine", "jennifer", "jessica", "jesus", "jesuschrist", "joker",
    "jordan", "joshua", "july", "june", "justin", "juventus", "killer", "king", "kitten", "kitty",
    "knight", "lakers", "last", "lawyer", "legend", "legolas", "letmein", "letmeinnow",
    "lightning", "lily", "linkedin", "linux", "lion", "liverpool", "lkjhgfdsa", "login", "logon",
    "london", "lottery", "loveforever", "lovely", "loveme", "lover", "loveyou", "lucky", "madrid",
    "maggie", "magic", "mama", "manager", "manchester", "march", "maria", "marina", "mario",
    "master", "matrix", "matthew", "mega", "mercedes", "merlin", "metal", "metallica", "mexico",
    "michael", "michelle", "microsoft", "million", "minecraft", "mnbvcxz", "mommy", "monday",
    "money", "monkey", "motdepasse", "mother", "music", "mustang", "naruto", "natasha", "next",
    "nicholas", "nicole", "ninja", "nintendo", "nirvana", "nokia", "nothing", "november", "number",
    "nummer", "nurse", "nursery", "october", "office", "oliver", "olivia", "oracle", "orange",
    "packers", "panther", "papa", "paris", "parola", "pass", "passe", "password", "passwort",
    "patricia", "patriots", "peace", "pepper", "perfect", "phantom", "piano", "pikachu", "pirate",
    "playstation", "poiuytrewq", "pokemon", "pony", "porsche", "power", "prince", "princess",
    "private", "puppy", "pussy", "qazwsx", "qazwsxedc", "queen", "qweasd", "qweasdzxc", "qwer",
    "qwert", "qwerty", "qwertyuiop", "qwertz", "qwertzuiop", "rachel", "rainbow", "rangers",
    "realmadrid", "rebecca", "rfvtgb", "robert", "roblox", "rock", "rockstar", "rome", "root",
    "rose", "russia", "salasana", "samantha", "sample", "samsung", "samurai", "sandra", "saturday",
    "school", "second", "secret", "secure", "security", "senha", "september", "server", "service",
    "sexy", "shadow", "shark", "shit", "shooter", "silver", "sister", "slipknot", "smile",
    "soccer", "soldier", "something", "sonic", "sophie", "spain", "spiderman", "spring",
    "startrek", "starwars", "steelers", "stephanie", "storm", "strawberry", "strong", "student",
    "sugar", "summer", "sunday", "sunflower", "sunshine", "super", "superman", "superuser",
    "support", "sweet", "sweetheart", "sweetie", "system", "taylor", "teacher", "tennis", "test",
    "tester", "testing", "texas", "tgbyhn", "third", "thomas", "thunder", "thursday", "tiger",
    "toyota", "trustno", "trustnoone", "tuesday", "turtle", "twitter", "ubuntu", "ujmikl", "ultra",
    "university", "user", "victoria", "volleyball", "wachtwoord", "warrior", "wednesday",
    "welcome", "whatever", "william", "willkommen", "windows", "winner", "winter", "wizard",
    "wolf", "wsxedc", "xbox", "xswzaq", "yahoo", "yamaha", "yankees", "yhnujm", "york", "youtube",
    "yxcvbnm", "zaqwsx", "zaqxsw", "zelda", "zxcv", "zxcvb", "zxcvbn", "zxcvbnm",
});

}  // namespace

std::span<const std::string_view> common_words() {
  return k_words;
}

}  // namespace probity::identity
