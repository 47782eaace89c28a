package dev.howdah.host.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the loading sequence went with one plugin over one transport.
 *
 * @param plugin the name that was asked for
 * @param transport where
 * @param metadata the plugin's answer, by field name; empty if it never came
 * @param declared what the plugin capabilities declare
 * @param services capabilities by service, in the order asked
 * @param millis time by step, in the order made
 * @param firstMillis time that a sequence before this one took, this program's own start included;
 *     0 if there was none
 * @param warnings what the operator would silently accept and a person should know
 * @param failure what ended the sequence early, if anything
 */
record HandshakeReport(
    String plugin,
    String transport,
    Map<String, String> metadata,
    List<String> declared,
    Map<String, List<String>> services,
    Map<String, Double> millis,
    double firstMillis,
    List<String> warnings,
    @Nullable Failure failure) {

  /**
   * Why a sequence ended early.
   *
   * @param step the step that failed
   * @param code a gRPC status code's name, or what else went wrong
   * @param remedy what to do; empty if the message says it
   * @param exitCode what it means for the command's exit code
   */
  record Failure(String step, String code, String message, String remedy, int exitCode) {

    @Override
    public String toString() {
      return (code + " at " + step + ": " + message + " " + remedy).strip();
    }
  }

  HandshakeReport after(double millisOfFirst) {
    return new HandshakeReport(
        plugin, transport, metadata, declared, services, millis, millisOfFirst, warnings, failure);
  }

  double total() {
    return millisOf(step -> true);
  }

  double connectMillis() {
    return millisOf("connect"::equals);
  }

  double metadataMillis() {
    return millisOf("Identity/GetPluginMetadata"::equals);
  }

  /** The plugin's and every declared service's capabilities. */
  double capabilitiesMillis() {
    return millisOf(step -> step.endsWith("Capabilities"));
  }

  double probeMillis() {
    return millisOf("Identity/Probe"::equals);
  }

  private double millisOf(Predicate<String> steps) {
    return millis.entrySet().stream()
        .filter(step -> steps.test(step.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** Everything declared, short enough for a table. */
  String summary() {
    Map<String, List<String>> shown = new LinkedHashMap<>(services);
    List<String> sidecars =
        declared.stream()
            .filter(name -> name.endsWith("_SIDECAR_INJECTION"))
            .map(name -> name.replace("_SIDECAR_INJECTION", ""))
            .toList();
    if (!sidecars.isEmpty()) {
      shown.put("sidecar", sidecars);
    }
    return shown.entrySet().stream()
        .map(
            service ->
                service.getValue().isEmpty()
                    ? service.getKey()
                    : service.getKey() + "(" + String.join(" ", service.getValue()) + ")")
        .collect(Collectors.joining(", "));
  }
}
