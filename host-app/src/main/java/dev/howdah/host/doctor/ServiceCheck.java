package dev.howdah.host.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Finds Services that are meant to be plugins but that the operator overlooks, or dials in vain: it
 * looks in its own namespace only, for one label and three annotations, and dials the annotation's
 * port whatever the Service's is.
 */
final class ServiceCheck implements Check {

  private static final List<String> NEEDED =
      List.of(PluginService.CLIENT_SECRET, PluginService.SERVER_SECRET, PluginService.PORT);

  @Override
  public List<Finding> examine(ClusterObjects objects) {
    List<Finding> findings = new ArrayList<>();
    Map<String, String> serving = new LinkedHashMap<>();
    for (KubernetesObject service : objects.of("Service")) {
      boolean labelled = service.label(PluginService.LABEL).isPresent();
      List<String> annotations =
          NEEDED.stream().filter(key -> service.annotation(key).isPresent()).toList();
      if (!labelled && annotations.isEmpty() && service.label("cnpg.io/plugin").isEmpty()) {
        continue;
      }
      if (!service.namespace().equals(objects.operatorNamespace())) {
        findings.add(
            Finding.error(
                service.subject(),
                "It is in another namespace than the operator, which looks for plugins in %s only."
                    .formatted(objects.operatorNamespace()),
                "Install it with `helm install --namespace %s`."
                    .formatted(objects.operatorNamespace())));
        continue;
      }
      wrongMarks(service, labelled, findings);
      if (labelled) {
        service
            .label(PluginService.LABEL)
            .ifPresent(name -> twice(name, service, serving, findings));
        port(service, findings);
        endpoints(service, objects, findings);
      }
      if (service.list("metadata", "finalizers").stream()
          .anyMatch(it -> it.asString("").equals("cnpg.io/cleanupPlugin"))) {
        findings.add(
            Finding.warning(
                service.subject(),
                "It has the finalizer cnpg.io/cleanupPlugin, which operators 1.29 to 1.30.0 put on"
                    + " it: without a running operator it can't be deleted.",
                "Uninstall plugins before the operator."));
      }
    }
    return findings;
  }

  private static void wrongMarks(
      KubernetesObject service, boolean labelled, List<Finding> findings) {
    if (!labelled) {
      findings.add(
          Finding.error(
              service.subject(),
              "It has a plugin's annotations, but not the label %s.".formatted(PluginService.LABEL),
              "Add the label with the plugin's name; cnpg.io/plugin is not it."));
      return;
    }
    if (service.label(PluginService.LABEL).filter(String::isEmpty).isPresent()) {
      findings.add(
          Finding.error(
              service.subject(),
              "Its label %s is empty.".formatted(PluginService.LABEL),
              "Set it to the plugin's name."));
    }
    for (String key : NEEDED) {
      if (service.annotation(key).filter(it -> !it.isEmpty()).isEmpty()) {
        findings.add(
            Finding.error(
                service.subject(),
                "It lacks the annotation %s, so the operator takes it for no plugin."
                    .formatted(key),
                "Add it; all of %s are needed.".formatted(String.join(", ", NEEDED))));
      }
    }
  }

  private static void twice(
      String plugin,
      KubernetesObject service,
      Map<String, String> serving,
      List<Finding> findings) {
    String other = serving.putIfAbsent(plugin, service.name());
    if (other != null) {
      findings.add(
          Finding.error(
              service.subject(),
              "It claims the plugin %s, which Service %s does, too; the one that the operator saw"
                      .formatted(plugin, other)
                  + " last wins, and deleting either makes the plugin unknown.",
              "Keep one of them."));
    }
  }

  private static void port(KubernetesObject service, List<Finding> findings) {
    String dialled = service.annotation(PluginService.PORT).orElse("");
    if (dialled.isEmpty()) {
      return;
    }
    List<String> ports = new ArrayList<>();
    for (JsonNode port : service.list("spec", "ports")) {
      ports.add(port.path("port").asString(""));
    }
    if (!dialled.matches("\\d+")) {
      findings.add(
          Finding.error(
              service.subject(),
              "Its annotation %s is '%s', which is no number."
                  .formatted(PluginService.PORT, dialled),
              "Write the number of one of its ports: " + String.join(", ", ports) + "."));
    } else if (!ports.contains(dialled)) {
      findings.add(
          Finding.error(
              service.subject(),
              "The operator dials port %s, but the Service has %s."
                  .formatted(dialled, ports.isEmpty() ? "none" : String.join(", ", ports)),
              "Make the annotation %s the Service's port.".formatted(PluginService.PORT)));
    }
  }

  private static void endpoints(
      KubernetesObject service, ClusterObjects objects, List<Finding> findings) {
    if (!objects.knows("EndpointSlice")) {
      return;
    }
    boolean ready = false;
    for (KubernetesObject slice : objects.of("EndpointSlice")) {
      if (slice.namespace().equals(service.namespace())
          && slice.label("kubernetes.io/service-name").filter(service.name()::equals).isPresent()) {
        for (JsonNode endpoint : slice.list("endpoints")) {
          ready |= endpoint.path("conditions").path("ready").asBoolean(true);
        }
      }
    }
    if (!ready) {
      findings.add(
          Finding.error(
              service.subject(),
              "No Pod behind it is ready.",
              "Compare its selector with the Pods' labels, and look at the Pods and their logs."));
    }
  }
}
