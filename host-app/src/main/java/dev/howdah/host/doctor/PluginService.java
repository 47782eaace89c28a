package dev.howdah.host.doctor;

import java.util.Optional;

/**
 * A Service as the operator reads it: a plugin, if it has the label and the three annotations.
 *
 * @param object the Service
 * @param plugin the plugin's name, by the label
 * @param clientSecret annotation of the Secret that the operator shows
 * @param serverSecret annotation of the Secret that the operator trusts
 * @param port annotation of the port that the operator dials
 * @param serverName the name that the operator asks for: the annotation's, else the Service's
 */
record PluginService(
    KubernetesObject object,
    String plugin,
    String clientSecret,
    String serverSecret,
    String port,
    String serverName) {

  static final String LABEL = "cnpg.io/pluginName";
  static final String CLIENT_SECRET = "cnpg.io/pluginClientSecret";
  static final String SERVER_SECRET = "cnpg.io/pluginServerSecret";
  static final String PORT = "cnpg.io/pluginPort";
  static final String SERVER_NAME = "cnpg.io/pluginServerName";

  /** Given by the chart to all that belongs to a host, whatever it is called. */
  static final String PART_OF = "app.kubernetes.io/part-of";

  static Optional<PluginService> of(KubernetesObject service) {
    Optional<String> name = service.label(LABEL);
    Optional<String> client = service.annotation(CLIENT_SECRET);
    Optional<String> server = service.annotation(SERVER_SECRET);
    Optional<String> port = service.annotation(PORT);
    if (name.isEmpty() || client.isEmpty() || server.isEmpty() || port.isEmpty()) {
      return Optional.empty();
    }
    String serverName =
        service.annotation(SERVER_NAME).filter(it -> !it.isEmpty()).orElse(service.name());
    return Optional.of(
        new PluginService(service, name.get(), client.get(), server.get(), port.get(), serverName));
  }

  /** Whether Howdah serves it. */
  boolean hosted() {
    return object.label(PART_OF).filter("howdah"::equals).isPresent();
  }
}
