package dev.howdah.host.doctor;

import java.util.ArrayList;
import java.util.List;

/** Finds an operator that is too old, or of whose version something has to be known. */
final class OperatorCheck implements Check {

  @Override
  public List<Finding> examine(ClusterObjects objects) {
    List<Finding> findings = new ArrayList<>();
    if (!objects.knows("Deployment")) {
      return findings;
    }
    List<KubernetesObject> operators = Operators.in(objects);
    if (operators.isEmpty()) {
      findings.add(
          Finding.note(
              "Namespace " + objects.operatorNamespace(),
              "No Deployment labelled app.kubernetes.io/name=cloudnative-pg was seen.",
              "Name the operator's namespace with --namespace."));
    }
    for (KubernetesObject operator : operators) {
      Operators.version(operator)
          .ifPresentOrElse(
              version -> judge(operator, version, objects, findings),
              () ->
                  findings.add(
                      Finding.note(
                          operator.subject(),
                          "Its image's tag says no version.",
                          "Make sure that it is 1.27 or newer.")));
    }
    return findings;
  }

  private static void judge(
      KubernetesObject operator,
      Operators.Version version,
      ClusterObjects objects,
      List<Finding> findings) {
    if (version.before(1, 27)) {
      findings.add(
          Finding.error(
              operator.subject(),
              "Version %s is older than 1.27, the oldest that Howdah works with."
                  .formatted(version),
              "Upgrade the operator."));
    } else if (version.before(1, 28)) {
      findings.add(
          Finding.note(
              operator.subject(),
              "Version %s ignores %s and asks by the Service's name."
                  .formatted(version, PluginService.SERVER_NAME),
              "Nothing, if the certificate has the Services' names; the chart's has."));
    }
    if (!operator.namespace().equals(objects.operatorNamespace())) {
      findings.add(
          Finding.note(
              operator.subject(),
              "There is an operator in another namespace than %s."
                  .formatted(objects.operatorNamespace()),
              "Each operator sees the plugins of its own namespace only; --namespace chooses."));
    }
  }
}
