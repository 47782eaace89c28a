package dev.howdah.host.cli;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The operator's loading sequence: metadata, plugin capabilities, GetCapabilities of every declared
 * service in a fixed order, then Probe. Any error in it and the operator doesn't load the plugin,
 * nor any Cluster that names it.
 */
final class Handshake {

  /** What a plugin declares, and the service the operator then asks, in the operator's order. */
  private static final Map<String, String> SERVICES = new LinkedHashMap<>();

  static {
    SERVICES.put("OPERATOR_SERVICE", "Operator");
    SERVICES.put("LIFECYCLE_SERVICE", "OperatorLifecycle");
    SERVICES.put("WAL_SERVICE", "WAL");
    SERVICES.put("BACKUP_SERVICE", "Backup");
    SERVICES.put("RECONCILER_HOOKS", "ReconcilerHooks");
    SERVICES.put("RESTORE_JOB", "RestoreJobHooks");
    SERVICES.put("POSTGRES", "Postgres");
    SERVICES.put("METRICS", "Metrics");
  }

  /** All plugins of a Cluster together have this long to load. */
  private static final double OPERATOR_BUDGET_MILLIS = 5_000;

  private final String plugin;
  private final HostTarget target;
  private final Map<String, Double> millis = new LinkedHashMap<>();
  private final Map<String, List<String>> services = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();
  private List<String> declared = List.of();
  private Map<String, String> metadata = Map.of();

  private Handshake(String plugin, HostTarget target) {
    this.plugin = plugin;
    this.target = target;
  }

  /**
   * Runs the sequence on a connection of its own; what goes wrong is in the report. It runs twice,
   * and the report is about the second time: in the first one most of the time is this program's
   * own start.
   */
  static HandshakeReport with(String plugin, HostTarget target, Duration timeout) {
    HandshakeReport first = new Handshake(plugin, target).run(timeout);
    return first.failure() != null
        ? first
        : new Handshake(plugin, target).run(timeout).after(first.total());
  }

  private HandshakeReport run(Duration timeout) {
    String step = "connect";
    long start = System.nanoTime();
    try (HostChannel channel = HostChannel.connect(target, timeout)) {
      millis.put(step, millisSince(start));

      step = "Identity/GetPluginMetadata";
      metadata = text(ask(channel, step));
      step = "Identity/GetPluginCapabilities";
      declared = names(ask(channel, step));
      for (Map.Entry<String, String> service : SERVICES.entrySet()) {
        if (declared.contains(service.getKey())) {
          step = service.getValue() + "/GetCapabilities";
          services.put(service.getValue(), names(ask(channel, step)));
        }
      }
      step = "Identity/Probe";
      warnAboutProbe(ask(channel, step));
      warnAboutName();
      warnAboutTime();
      return report(null);
    } catch (CommandFailure noConnection) {
      return report(
          new HandshakeReport.Failure(
              step, "CANNOT_CONNECT", noConnection.text(), "", noConnection.exitCode()));
    } catch (StatusRuntimeException failed) {
      RpcError error = RpcError.of(failed);
      return report(
          new HandshakeReport.Failure(
              step, error.code(), error.message(), remedy(step, error.code()), ExitCode.ERROR));
    } catch (UnsetCapabilityException unset) {
      return report(
          new HandshakeReport.Failure(
              step,
              "UNSET_CAPABILITY",
              "The answer has a capability that says nothing.",
              "It would crash the operator; the plugin must leave the entry out.",
              ExitCode.ERROR));
    }
  }

  private DynamicMessage ask(HostChannel channel, String step) {
    MethodDescriptor method = ProtocolMethods.named(step);
    long start = System.nanoTime();
    try {
      return channel.call(method, DynamicMessage.getDefaultInstance(method.getInputType()));
    } finally {
      millis.put(step, millisSince(start));
    }
  }

  private HandshakeReport report(HandshakeReport.@Nullable Failure failure) {
    return new HandshakeReport(
        plugin, target.toString(), metadata, declared, services, millis, 0, warnings, failure);
  }

  private void warnAboutProbe(DynamicMessage answer) {
    FieldDescriptor ready = answer.getDescriptorForType().findFieldByName("ready");
    if (Boolean.FALSE.equals(answer.getField(ready))) {
      warnings.add(
          "Probe answered ready=false, which the operator ignores: it uses the plugin all the"
              + " same.");
    }
  }

  private void warnAboutName() {
    String name = metadata.getOrDefault("name", "");
    if (!name.equals(plugin)) {
      warnings.add(
          ("The plugin says its name is \"%s\". The operator never compares names; if that isn't "
                  + "the plugin you meant, the routing is wrong.")
              .formatted(name));
    }
  }

  private void warnAboutTime() {
    double total = millis.values().stream().mapToDouble(Double::doubleValue).sum();
    if (total > OPERATOR_BUDGET_MILLIS) {
      warnings.add(
          "The sequence took longer than 5 s, which is all that the operator gives to every plugin"
              + " of a Cluster together.");
    }
  }

  private static String remedy(String step, String code) {
    boolean identity = step.startsWith("Identity/");
    return switch (code) {
      case "UNIMPLEMENTED" ->
          identity
              ? "This isn't a CNPG-I plugin; check the address."
              : "The plugin declares the service but doesn't serve it, so the operator can't load"
                  + " it.";
      case "UNAVAILABLE" ->
          "The plugin isn't ready. /actuator/plugins and the host's log say what it is waiting for"
              + " or why it failed.";
      case "DEADLINE_EXCEEDED" ->
          "The operator gives up after 30 s as well. Look for a blocked plugin under"
              + " /actuator/plugins.";
      case "NOT_FOUND", "INVALID_ARGUMENT", "PERMISSION_DENIED", "FAILED_PRECONDITION" ->
          "The host refused the name. Check its spelling; over TCP it is the authority"
              + " (--server-name), a plugin's name or its Service's.";
      default -> "The host's log has the reason.";
    };
  }

  /** The scalar fields that are set, under the protocol's names. */
  private static Map<String, String> text(DynamicMessage message) {
    Map<String, String> text = new LinkedHashMap<>();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (!field.isRepeated()) {
                text.put(field.getName(), value.toString());
              }
            });
    return text;
  }

  /** The names in a capabilities answer, which is one repeated message in every service. */
  private static List<String> names(DynamicMessage answer) {
    FieldDescriptor entries = answer.getDescriptorForType().getFields().getFirst();
    List<String> names = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int index = 0; index < answer.getRepeatedFieldCount(entries); index++) {
      String name = name((Message) answer.getRepeatedField(entries, index));
      if (seen.add(name)) {
        names.add(name);
      }
    }
    return names;
  }

  private static String name(Message capability) {
    if (!capability.getDescriptorForType().getOneofs().isEmpty()) {
      OneofDescriptor oneof = capability.getDescriptorForType().getOneofs().getFirst();
      FieldDescriptor chosen = capability.getOneofFieldDescriptor(oneof);
      if (chosen == null) {
        throw new UnsetCapabilityException();
      }
      return enumName((Message) capability.getField(chosen), "type");
    }
    FieldDescriptor operations =
        capability.getDescriptorForType().findFieldByName("operation_types");
    return operations == null
        ? enumName(capability, "kind")
        : lifecycleName(capability, operations);
  }

  private static String lifecycleName(Message capability, FieldDescriptor operations) {
    Object kind = capability.getField(capability.getDescriptorForType().findFieldByName("kind"));
    return ((List<?>) capability.getField(operations))
        .stream()
            .map(operation -> enumName((Message) operation, "type"))
            .collect(Collectors.joining("+", kind + ":", ""));
  }

  private static String enumName(Message message, String field) {
    Object value = message.getField(message.getDescriptorForType().findFieldByName(field));
    return ((EnumValueDescriptor) value).getName().replaceFirst("^(TYPE|KIND)_", "");
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  /** A oneof that isn't set, which the operator dereferences without looking. */
  private static final class UnsetCapabilityException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
