package dev.howdah.host.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import dev.howdah.host.OperatorObjects;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.backup.BackupGrpc;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.metrics.MetricsGrpc;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.postgres.PostgresGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.restorejob.RestoreJobHooksGrpc;
import dev.howdah.proto.wal.WALGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.stub.ClientCalls;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The 28 RPCs of the protocol, with a good request for each. */
public final class Protocol {

  /** The nine services. */
  public static final List<ServiceDescriptor> SERVICES =
      List.of(
          IdentityGrpc.getServiceDescriptor(),
          OperatorGrpc.getServiceDescriptor(),
          OperatorLifecycleGrpc.getServiceDescriptor(),
          ReconcilerHooksGrpc.getServiceDescriptor(),
          WALGrpc.getServiceDescriptor(),
          BackupGrpc.getServiceDescriptor(),
          RestoreJobHooksGrpc.getServiceDescriptor(),
          PostgresGrpc.getServiceDescriptor(),
          MetricsGrpc.getServiceDescriptor());

  private static final Map<String, ServiceDescriptor> BY_CAPABILITY =
      Map.of(
          "TYPE_OPERATOR_SERVICE", OperatorGrpc.getServiceDescriptor(),
          "TYPE_LIFECYCLE_SERVICE", OperatorLifecycleGrpc.getServiceDescriptor(),
          "TYPE_RECONCILER_HOOKS", ReconcilerHooksGrpc.getServiceDescriptor(),
          "TYPE_WAL_SERVICE", WALGrpc.getServiceDescriptor(),
          "TYPE_BACKUP_SERVICE", BackupGrpc.getServiceDescriptor(),
          "TYPE_RESTORE_JOB", RestoreJobHooksGrpc.getServiceDescriptor(),
          "TYPE_POSTGRES", PostgresGrpc.getServiceDescriptor(),
          "TYPE_METRICS", MetricsGrpc.getServiceDescriptor());

  private Protocol() {}

  /** One RPC. */
  public record Rpc(MethodDescriptor<Message, Message> method) {

    /** {@code Service/Method}. */
    public String label() {
      String service = method.getServiceName();
      return service.substring(service.lastIndexOf('.') + 1) + "/" + method.getBareMethodName();
    }

    /** Whether it is answered from the catalogue. */
    public boolean fromCatalog() {
      return label().startsWith("Identity/") || label().endsWith("/GetCapabilities");
    }

    /** An empty request. */
    public Message emptyRequest() {
      return ((io.grpc.MethodDescriptor.PrototypeMarshaller<Message>) method.getRequestMarshaller())
          .getMessagePrototype();
    }

    /** A request like the operator's, about a Cluster. */
    public Message request(Cluster cluster) {
      Message.Builder request = emptyRequest().toBuilder();
      for (Descriptors.FieldDescriptor field : request.getDescriptorForType().getFields()) {
        fill(request, field, Clusters.bytes(cluster));
      }
      return request.build();
    }

    private void fill(Message.Builder request, Descriptors.FieldDescriptor field, ByteString json) {
      switch (field.getName()) {
        case "cluster_definition", "definition", "old_cluster", "new_cluster", "cluster" ->
            request.setField(field, json);
        case "resource_definition" -> request.setField(field, json);
        case "object_definition" -> request.setField(field, Clusters.object("pod-instance"));
        case "backup_definition" -> request.setField(field, Clusters.object("backup-plugin"));
        case "operation_type" -> {
          Message.Builder type = request.newBuilderForField(field);
          Descriptors.FieldDescriptor value = type.getDescriptorForType().findFieldByName("type");
          type.setField(value, value.getEnumType().findValueByNumber(3));
          request.setField(field, type.build());
        }
        case "source_file_name" ->
            request.setField(
                field, "/var/lib/postgresql/data/pgdata/pg_wal/000000010000000000000001");
        case "source_wal_name", "first_required_wal" ->
            request.setField(field, "000000010000000000000001");
        case "destination_file_name" ->
            request.setField(field, "/var/lib/postgresql/data/pgdata/pg_wal/RECOVERYXLOG");
        case "mode" -> request.setField(field, field.getEnumType().findValueByNumber(1));
        default -> {
          if (field.getName().equals("configs")) {
            OperatorObjects.configuration("enrich-configs")
                .forEach((name, value) -> put(request, field, name, value));
          }
        }
      }
    }

    private static void put(
        Message.Builder request, Descriptors.FieldDescriptor field, String name, String value) {
      Message.Builder entry = request.newBuilderForField(field);
      entry.setField(entry.getDescriptorForType().findFieldByNumber(1), name);
      entry.setField(entry.getDescriptorForType().findFieldByNumber(2), value);
      request.addRepeatedField(field, entry.build());
    }

    /** Calls it; 20 s at most. */
    public Message call(Channel channel, Message request) {
      return ClientCalls.blockingUnaryCall(
          channel, method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), request);
    }

    /** Calls it, and says how it ended. */
    public Status status(Channel channel, Message request) {
      try {
        call(channel, request);
        return Status.OK;
      } catch (StatusRuntimeException e) {
        return e.getStatus();
      }
    }

    @Override
    public String toString() {
      return label();
    }
  }

  /** All of them. */
  public static Stream<Rpc> rpcs() {
    return SERVICES.stream()
        .flatMap(service -> service.getMethods().stream())
        .map(Protocol::typed)
        .map(Rpc::new);
  }

  /** One of them, by {@code Service/Method}. */
  public static Rpc rpc(String label) {
    return rpcs().filter(it -> it.label().equals(label)).findFirst().orElseThrow();
  }

  /** Asks a declared service what it can do; nothing for those that have none. */
  static void getCapabilities(Channel channel, String capability) {
    ServiceDescriptor service = BY_CAPABILITY.get(capability);
    if (service != null) {
      Rpc rpc =
          new Rpc(
              typed(
                  service.getMethods().stream()
                      .filter(it -> "GetCapabilities".equals(it.getBareMethodName()))
                      .findFirst()
                      .orElseThrow()));
      rpc.call(channel, rpc.emptyRequest());
    }
  }

  @SuppressWarnings("unchecked")
  private static MethodDescriptor<Message, Message> typed(MethodDescriptor<?, ?> method) {
    if (!(method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier)) {
      throw new IllegalStateException(method.getFullMethodName() + " is not of this protocol.");
    }
    return (MethodDescriptor<Message, Message>) method;
  }
}
