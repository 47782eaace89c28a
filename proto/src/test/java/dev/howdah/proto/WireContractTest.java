package dev.howdah.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.howdah.proto.WireContract.Row;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Our .proto files say the same as those of CNPG-I, nothing less and nothing more. */
class WireContractTest {

  private static final WireContract OURS = WireContract.of(GeneratedCode.files());
  private static final WireContract PUBLISHED = WireContract.parse(WireContract.publishedLines());

  @Test
  void ourProtocolIsThatOfCnpgI() {
    assertThat(OURS.differencesFrom(PUBLISHED)).isEmpty();
  }

  @Test
  void nineServicesCarryTwentyEightCalls() {
    assertThat(OURS.rowsOf("service")).hasSize(9);
    assertThat(OURS.rowsOf("rpc")).hasSize(28);
  }

  @Test
  void theStubsHaveEveryCallUnderItsNameOnTheWire() {
    List<String> published =
        PUBLISHED.rowsOf("rpc").map(rpc -> rpc.scope() + "/" + rpc.name()).toList();

    Stream<MethodDescriptor<?, ?>> stubs =
        GeneratedCode.stubs().stream().flatMap(service -> service.getMethods().stream());

    assertThat(stubs)
        .allSatisfy(method -> assertThat(method.getType()).isEqualTo(MethodType.UNARY))
        .extracting(MethodDescriptor::getFullMethodName)
        .containsExactlyInAnyOrderElementsOf(published);
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        arguments(
            "field renumbered",
            "BackupResult;online;12;bool",
            "BackupResult;online;14;bool",
            "field cnpgi.backup.v1.BackupResult.online: number is <12>, must be <14>"),
        arguments(
            "field of other type",
            "BackupResult;online;12;bool",
            "BackupResult;online;12;int32",
            "field cnpgi.backup.v1.BackupResult.online: type is <bool>, must be <int32>"),
        arguments(
            "presence lost",
            "archive;4;bool;explicit-optional",
            "archive;4;bool;singular",
            "field cnpgi.wal.v1.WALArchiveRequest.check_empty_wal_archive: "
                + "label is <explicit-optional>, must be <singular>"),
        arguments(
            "presence gained",
            "ProbeResponse;ready;1;bool;singular",
            "ProbeResponse;ready;1;bool;explicit-optional",
            "field cnpgi.identity.v1.ProbeResponse.ready: "
                + "label is <singular>, must be <explicit-optional>"),
        arguments(
            "repeated or not",
            "RestoreResponse;envs;2;string;repeated",
            "RestoreResponse;envs;2;string;singular",
            "field cnpgi.wal.v1.RestoreResponse.envs: label is <repeated>, must be <singular>"),
        arguments(
            "oneof renamed",
            "PluginCapability.Service;oneof:type",
            "PluginCapability.Service;oneof:kind",
            "field cnpgi.identity.v1.PluginCapability.service: "
                + "label is <oneof:type>, must be <oneof:kind>"),
        arguments(
            "map of other values",
            "MetadataEntry;;string,string",
            "MetadataEntry;;string,bytes",
            "mapentry cnpgi.backup.v1.BackupResult.MetadataEntry: "
                + "type is <string,string>, must be <string,bytes>"),
        arguments(
            "enum value moved",
            "TYPE_DEREGISTER;6",
            "TYPE_DEREGISTER;4",
            "value cnpgi.operator.v1.OperatorCapability.RPC.Type.TYPE_DEREGISTER: "
                + "number is <6>, must be <4>"),
        arguments(
            "call streams",
            "ProbeResponse;unary",
            "ProbeResponse;server-streaming",
            "rpc cnpgi.identity.v1.Identity.Probe: label is <unary>, must be <server-streaming>"),
        arguments(
            "call of other answer",
            "ReconcilerHooksRequest -> cnpgi.reconciler.v1.ReconcilerHooksResult",
            "ReconcilerHooksRequest -> cnpgi.reconciler.v1.Other",
            "rpc cnpgi.reconciler.v1.ReconcilerHooks.Pre: "
                + "type is <cnpgi.reconciler.v1.ReconcilerHooksRequest"
                + " -> cnpgi.reconciler.v1.ReconcilerHooksResult>"
                + ", must be <cnpgi.reconciler.v1.ReconcilerHooksRequest"
                + " -> cnpgi.reconciler.v1.Other>"),
        arguments(
            "other package",
            "package;cnpgi.metrics.v1",
            "package;cnpgi.metrics.v2",
            "file metrics.proto: package is <cnpgi.metrics.v1>, must be <cnpgi.metrics.v2>"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void aChangedDeclarationIsReported(
      String change, String found, String replacement, String difference) {
    assertThat(PUBLISHED.differencesFrom(published(found, replacement)))
        .containsExactly(difference);
  }

  static Stream<Arguments> renamings() {
    return Stream.of(
        arguments("service cnpgi.wal.v1.WAL", "service;cnpgi.wal.v1;WAL;", "WriteAheadLog"),
        arguments(
            "rpc cnpgi.backup.v1.Backup.Backup", "rpc;cnpgi.backup.v1.Backup;Backup;", "Save"),
        arguments(
            "message cnpgi.wal.v1.WALArchiveResult",
            "message;cnpgi.wal.v1;WALArchiveResult;",
            "Archived"),
        arguments(
            "field cnpgi.metrics.v1.Metric.help", "field;cnpgi.metrics.v1.Metric;help;", "usage"),
        arguments(
            "enum cnpgi.wal.v1.WALRestoreRequest.Mode",
            "enum;cnpgi.wal.v1.WALRestoreRequest;Mode;",
            "Reason"),
        arguments(
            "mapentry cnpgi.metrics.v1.Metric.ConstLabelsEntry",
            "mapentry;cnpgi.metrics.v1.Metric;ConstLabelsEntry;",
            "LabelsEntry"),
        arguments(
            "value cnpgi.wal.v1.WALRestoreRequest.Mode.MODE_REWIND",
            "value;cnpgi.wal.v1.WALRestoreRequest.Mode;MODE_REWIND;",
            "MODE_BACK"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("renamings")
  void aRenamedDeclarationIsReportedUnderBothNames(String ours, String found, String newName) {
    String theirs = ours.substring(0, ours.lastIndexOf('.') + 1) + newName;
    String[] column = found.split(";");
    String replacement = String.join(";", column[0], column[1], newName, "");

    assertThat(PUBLISHED.differencesFrom(published(found, replacement)))
        .containsExactlyInAnyOrder(theirs + ": missing", ours + ": not part of the protocol");
  }

  @Test
  void aDeclarationInAnotherFileIsReported() {
    List<String> lines = new ArrayList<>(WireContract.publishedLines());
    String probe = "message\tcnpgi.identity.v1\tProbeRequest\t\t\t";
    assertThat(lines.remove(probe)).isTrue();
    lines.add(probe);

    assertThat(PUBLISHED.differencesFrom(WireContract.parse(lines)))
        .containsExactly(
            "message cnpgi.identity.v1.ProbeRequest:"
                + " file is <identity.proto>, must be <wal.proto>");
  }

  static Stream<Row> everyRow() {
    return PUBLISHED.rows().stream();
  }

  @ParameterizedTest
  @MethodSource("everyRow")
  void noDeclarationCanBeAbsentOnEitherSide(Row row) {
    List<Row> others = new ArrayList<>(PUBLISHED.rows());
    others.remove(row);
    WireContract without = new WireContract(others);

    assertThat(PUBLISHED.differencesFrom(without))
        .singleElement()
        .asString()
        .endsWith(row.name() + ": not part of the protocol");
    assertThat(without.differencesFrom(OURS))
        .singleElement()
        .asString()
        .endsWith(row.name() + ": missing");
  }

  @Test
  void aDescriptorSetReadsLikeTheCompiledFiles() throws Exception {
    FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
    GeneratedCode.files().stream().map(FileDescriptor::toProto).forEach(set::addFile);

    List<String> table = WireContract.of(set.build()).lines();

    assertThat(WireContract.parse(table).differencesFrom(PUBLISHED)).isEmpty();
  }

  @Test
  void aMalformedTableIsRefused() {
    assertThatThrownBy(() -> WireContract.parse(List.of("message\tcnpgi.wal.v1")))
        .hasMessage("needs 6 tab-separated columns: message\tcnpgi.wal.v1");
    String twice = "message\tp\tM\t\t\t";
    assertThatThrownBy(() -> WireContract.parse(List.of(twice, twice)))
        .hasMessage("declared twice: message p.M");
  }

  /** The published table with the first occurrence of a text replaced; semicolons mean tabs. */
  private static WireContract published(String found, String replacement) {
    String table = String.join("\n", WireContract.publishedLines());
    String from = found.replace(';', '\t');
    assertThat(table).contains(from);
    int at = table.indexOf(from);
    String before = table.substring(0, at);
    String after = table.substring(at + from.length());
    String changed = before + replacement.replace(';', '\t') + after;
    return WireContract.parse(changed.lines().toList());
  }
}
