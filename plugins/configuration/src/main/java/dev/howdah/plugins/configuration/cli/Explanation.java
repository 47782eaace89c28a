package dev.howdah.plugins.configuration.cli;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.plugins.configuration.plan.Plan;
import dev.howdah.plugins.configuration.plan.PlannedParameter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All there is to say about one Cluster.
 *
 * @param cluster its name, with its namespace if it has one
 * @param plan what becomes of its parameters
 * @param findings what is wrong with it
 * @param notes what else there is to say
 * @param live the parameters of the running server; empty unless asked for
 * @param fromServer whether the Cluster was read from an API server, so that it is as it is and not
 *     as somebody wants to create it
 */
record Explanation(
    String cluster,
    Plan plan,
    List<ValidationFinding> findings,
    List<String> notes,
    Map<String, LiveSetting> live,
    boolean fromServer) {

  /** Names of the parameters that plugins want and that the Cluster has otherwise; sorted. */
  List<String> drift() {
    return fromServer
        ? plan.parameters().stream()
            .filter(parameter -> parameter.changes() && !parameter.by().isEmpty())
            .map(PlannedParameter::name)
            .sorted()
            .toList()
        : List.of();
  }

  /** Whether the server has another value than planned; false if it wasn't asked. */
  boolean drifted(PlannedParameter parameter) {
    LiveSetting actual = live.get(parameter.name());
    if (actual == null) {
      return false;
    }
    return Catalogue.of(plan.major())
        .find(parameter.name())
        .map(
            setting -> {
              Optional<String> wanted = setting.canonical(parameter.value());
              return wanted.isPresent() && !wanted.equals(setting.canonical(actual.setting()));
            })
        .orElse(!actual.setting().equals(parameter.value()));
  }

  boolean has(ValidationFinding.Severity severity) {
    return findings.stream().anyMatch(finding -> finding.severity() == severity);
  }
}
