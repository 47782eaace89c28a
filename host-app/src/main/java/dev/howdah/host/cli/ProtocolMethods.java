package dev.howdah.host.cli;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.howdah.proto.backup.BackupProto;
import dev.howdah.proto.identity.IdentityProto;
import dev.howdah.proto.lifecycle.OperatorLifecycleProto;
import dev.howdah.proto.metrics.MetricsProto;
import dev.howdah.proto.operator.OperatorProto;
import dev.howdah.proto.postgres.PostgresProto;
import dev.howdah.proto.reconciler.ReconcilerProto;
import dev.howdah.proto.restorejob.RestoreJobProto;
import dev.howdah.proto.wal.WalProto;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The methods of CNPG-I by the names that people type. */
final class ProtocolMethods {

  private static final List<ServiceDescriptor> SERVICES =
      Stream.of(
              IdentityProto.getDescriptor(),
              OperatorProto.getDescriptor(),
              OperatorLifecycleProto.getDescriptor(),
              WalProto.getDescriptor(),
              BackupProto.getDescriptor(),
              ReconcilerProto.getDescriptor(),
              RestoreJobProto.getDescriptor(),
              PostgresProto.getDescriptor(),
              MetricsProto.getDescriptor())
          .map(FileDescriptor::getServices)
          .flatMap(List::stream)
          .toList();

  private ProtocolMethods() {}

  /**
   * The method that {@code Service/Method} names; the service may carry its package, case doesn't
   * matter.
   *
   * @throws CommandFailure with the nearest name and all names, if there is none
   */
  static MethodDescriptor named(String text) {
    return methods()
        .filter(
            method ->
                text.equalsIgnoreCase(shortName(method)) || text.equalsIgnoreCase(path(method)))
        .findFirst()
        .orElseThrow(
            () ->
                CommandFailure.usage(
                    "There is no method \"%s\" in CNPG-I. Did you mean %s? There are:%n%s"
                        .formatted(text, nearest(text), listing())));
  }

  /** The method as gRPC calls it, with messages that know their fields by name. */
  static io.grpc.MethodDescriptor<DynamicMessage, DynamicMessage> grpc(MethodDescriptor method) {
    return io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
        .setType(MethodType.UNARY)
        .setFullMethodName(path(method))
        .setRequestMarshaller(
            ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
        .setResponseMarshaller(
            ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
        .build();
  }

  static String shortName(MethodDescriptor method) {
    return method.getService().getName() + "/" + method.getName();
  }

  private static String path(MethodDescriptor method) {
    return method.getService().getFullName() + "/" + method.getName();
  }

  private static Stream<MethodDescriptor> methods() {
    return SERVICES.stream().map(ServiceDescriptor::getMethods).flatMap(List::stream);
  }

  private static String nearest(String text) {
    return methods()
        .map(ProtocolMethods::shortName)
        .min(Comparator.comparingInt(name -> EditDistance.ignoringCase(text, name)))
        .orElseThrow();
  }

  private static String listing() {
    return SERVICES.stream()
        .map(
            service ->
                "  %-18s%s"
                    .formatted(
                        service.getName(),
                        service.getMethods().stream()
                            .map(MethodDescriptor::getName)
                            .collect(Collectors.joining(", "))))
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
