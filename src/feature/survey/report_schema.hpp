#pragma once

#include <string_view>

namespace probity::survey {

/// JSON Schema of a report; one member for each that form::write_report writes.
inline constexpr std::string_view k_report_schema =
    R"({"type":"object","properties":{"survey":{"type":"string"},"version":{"type":"integer"},")"
    R"(window":{"type":"object","properties":{"unit":{"enum":["day","hour"]},"from":{"type":["s)"
    R"(tring","null"]},"to":{"type":["string","null"]}}},"responses":{"type":["integer","null"])"
    R"(},"weight":{"type":"object","properties":{"question":{"type":"string"},"n":{"type":"inte)"
    R"(ger"},"n_weighted":{"type":"number"},"n_effective":{"type":"number"},"without_weight":{")"
    R"(type":"integer"}}},"questions":{"type":"array","items":{"type":"object","properties":{"n)"
    R"(ame":{"type":"string"},"title":{"type":"string"},"type":{"type":"string"},"answered":{"t)"
    R"(ype":["integer","null"]},"blank":{"type":["integer","null"]},"not_shown":{"type":["integ)"
    R"(er","null"]},"skipped":{"type":["integer","null"]},"declared_missing":{"type":"integer"})"
    R"(,"undeclared":{"type":"integer"},"counts":{"type":"object","additionalProperties":{"type)"
    R"(":["integer","null"]}},"mean":{"type":"number"},"deviation":{"type":"number"},"median":{)"
    R"("type":"number"},"nps":{"type":"number"},"promoters":{"type":["integer","null"]},"passiv)"
    R"(es":{"type":["integer","null"]},"detractors":{"type":["integer","null"]},"nps_interval":)"
    R"({"type":"object","properties":{"low":{"type":"number"},"high":{"type":"number"}},"requir)"
    R"(ed":["low","high"]},"shares":{"type":"array","items":{"type":"object","properties":{"tex)"
    R"(t":{"type":"string"},"share":{"type":"number"},"low":{"type":"number"},"high":{"type":"n)"
    R"(umber"},"weighted":{"type":"object","properties":{"share":{"type":"number"},"low":{"type)"
    R"(":"number"},"high":{"type":"number"}}}},"required":["text"]}},"histogram":{"type":"array)"
    R"(","items":{"type":"object","properties":{"from":{"type":"number"},"to":{"type":"number"})"
    R"(,"count":{"type":"integer"}},"required":["from","to","count"]}},"weighted":{"type":"obje)"
    R"(ct","properties":{"n":{"type":"number"},"n_effective":{"type":"number"},"mean":{"type":")"
    R"(number"},"nps":{"type":"number"},"nps_interval":{"type":"object","properties":{"low":{"t)"
    R"(ype":"number"},"high":{"type":"number"}},"required":["low","high"]}}},"pooled":{"type":")"
    R"(array","items":{"type":"object","properties":{"values":{"type":"array","items":{"type":")"
    R"(string"}},"count":{"type":"integer"}},"required":["values","count"]}},"suppressed":{"typ)"
    R"(e":"boolean"},"estimated":{"type":"boolean"},"parts":{"type":"array","items":{"type":"ob)"
    R"(ject","properties":{"name":{"type":"string"},"title":{"type":"string"},"answered":{"type)"
    R"(":["integer","null"]},"blank":{"type":["integer","null"]},"counts":{"type":"object","add)"
    R"(itionalProperties":{"type":["integer","null"]}},"mean":{"type":"number"},"deviation":{"t)"
    R"(ype":"number"},"median":{"type":"number"},"shares":{"type":"array","items":{"type":"obje)"
    R"(ct","properties":{"text":{"type":"string"},"share":{"type":"number"},"low":{"type":"numb)"
    R"(er"},"high":{"type":"number"},"weighted":{"type":"object","properties":{"share":{"type":)"
    R"("number"},"low":{"type":"number"},"high":{"type":"number"}}}},"required":["text"]}},"poo)"
    R"(led":{"type":"array","items":{"type":"object","properties":{"values":{"type":"array","it)"
    R"(ems":{"type":"string"}},"count":{"type":"integer"}},"required":["values","count"]}},"est)"
    R"(imated":{"type":"boolean"}},"required":["name","title","answered","blank"]}}},"required")"
    R"(:["name","title","type","answered","blank","counts"]}},"methods":{"type":"object","prope)"
    R"(rties":{"shares":{"type":"string"},"nps_interval":{"type":"string"},"weights":{"type":"s)"
    R"(tring"}}},"suppressed":{"type":"boolean"},"group_size_min":{"type":"integer"},"reason":{)"
    R"("type":"string"},"compared":{"type":"object","properties":{"window":{"type":"object"},"r)"
    R"(esponses":{"type":["integer","null"]},"questions":{"type":"array"},"suppressed":{"type":)"
    R"("boolean"},"group_size_min":{"type":"integer"},"reason":{"type":"string"}}},"comparison")"
    R"(:{"type":"object","properties":{"level":{"type":"number"},"correction":{"type":"string"})"
    R"(,"methods":{"type":"string"},"tests":{"type":"array","items":{"type":"object","propertie)"
    R"(s":{"question":{"type":"string"},"part":{"type":"string"},"method":{"enum":["chi-square")"
    R"(,"fisher","welch","nps"]},"statistic":{"type":"number"},"freedom":{"type":"number"},"dif)"
    R"(ference":{"type":"number"},"p":{"type":"number"},"p_corrected":{"type":"number"},"signif)"
    R"(icant":{"type":"boolean"},"approximate":{"type":"boolean"}},"required":["question","meth)"
    R"(od","p","p_corrected","significant"]}}}}},"required":["responses","questions"]})";

}  // namespace probity::survey
