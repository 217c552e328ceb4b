#pragma once

#include <string>

#include "form/questionnaire.hpp"

/// For benchmarks: a questionnaire of ten questions and answers to it of about 600 bytes.
namespace probity::form {

inline const Parsed& survey() {
  static const Parsed k_parsed = *parse_questionnaire(R"({"title":"After the visit","elements":[
    {"type":"rating","name":"recommend","rateMin":0,"rateMax":10,"isRequired":true},
    {"type":"radiogroup","name":"reason","choices":["advice","price","speed","place","people"],
     "hasOther":true},
    {"type":"checkbox","name":"used","choices":["phone","mail","office","portal","letter"]},
    {"type":"dropdown","name":"region","choices":["north","south","east","west","centre"]},
    {"type":"boolean","name":"again"},
    {"type":"matrix","name":"parts","columns":[1,2,3,4,5],"rows":["care","clarity","time","cost"]},
    {"type":"text","name":"since","inputType":"number","min":0,"max":80},
    {"type":"text","name":"role"},
    {"type":"comment","name":"good"},
    {"type":"comment","name":"better"}]})");
  return k_parsed;
}

inline const std::string k_answers =
    R"({"recommend":9,"reason":"advice","used":["phone","portal"],"region":"north","again":true,)"
    R"("parts":{"care":5,"clarity":4,"time":3,"cost":2},"since":12,"role":"head of purchasing",)"
    R"("good":"The advice was clear and came on the day we asked for it. The person who )"
    R"(looks after us knows our house, our numbers and what we cannot do, and says so )"
    R"(before it costs anything. That is worth a lot to us.","better":)"
    R"("Letters still arrive in two envelopes, and the portal forgets which of our three sites )"
    R"(was chosen last. Please look at both of them soon."})";

}  // namespace probity::form
