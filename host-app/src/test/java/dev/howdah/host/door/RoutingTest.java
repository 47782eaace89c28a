package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.GetPluginMetadataResponse;
import dev.howdah.proto.identity.IdentityGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a call at the host's doors to its plugin and no other. */
class RoutingTest {

  private static final String A = "a.example.com";
  private static final String B = "b.example.com";
  private static final long SEED = 20260101;

  @TempDir static Path home;
  @TempDir static Path operatorHome;
  private static EmbeddedHost host;
  private static HostClient client;

  @BeforeAll
  static void start() {
    host =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .plugin("a", TestPlugin.of(A, hooks -> {}))
            .plugin("b", TestPlugin.of(B, hooks -> {}))
            .property("howdah.plugins.a.aliases", "a-service,a-service.cnpg-system.svc")
            .start();
    client = new HostClient(host);
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  @Test
  void aSocketIsItsPluginsWhateverTheAuthoritySays() {
    assertThat(HostClient.metadata(client.socket(A)).getName()).isEqualTo(A);
    assertThat(HostClient.metadata(client.socket(B)).getName()).isEqualTo(B);
    assertThat(whoAnswers(client.socket(B), A).getName()).isEqualTo(B);
  }

  @Test
  void twoPluginsOnOnePortHaveTwoIdentities() {
    HostClient.Loaded a = HostClient.load(client.tcp(A));
    HostClient.Loaded b = HostClient.load(client.tcp(B));

    assertThat(a.metadata().getName()).isEqualTo(A);
    assertThat(b.metadata().getName()).isEqualTo(B);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a-service", "a-service.cnpg-system.svc", "A-Service", "A.EXAMPLE.com"})
  void aServiceWithoutAServerNameOfItsOwnIsServedUnderItsAliasInAnyCase(String serverName) {
    assertThat(HostClient.metadata(client.tcp(serverName)).getName()).isEqualTo(A);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.example.com:9090", "a.example.com.", "A.Example.Com.:443"})
  void portAndTrailingDotOfAnAuthorityDontMatter(String authority) {
    assertThat(whoAnswers(client.carelessTcp(A), authority).getName()).isEqualTo(A);
  }

  @Test
  void anAuthorityOtherThanTheServerNameIsRefusedThoughBothAreKnown() {
    assertThatThrownBy(() -> whoAnswers(client.carelessTcp(A), B))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(refused.getStatus().getDescription()).contains(A, B);
            });
  }

  @Test
  void anAliasAsServerNameAndTheNameAsAuthorityAreTwoDifferentNames() {
    assertThat(statusOf(() -> whoAnswers(client.carelessTcp("a-service"), A)))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void withoutAServerNameOnlyAnAddressIsAcceptedAndThatIsNobodysName() {
    assertThat(statusOf(() -> whoAnswers(client.carelessTcp("127.0.0.1"), A)))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(statusOf(() -> whoAnswers(client.carelessTcp("127.0.0.1"), "127.0.0.1")))
        .isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void anUnknownNameIsRefusedWithTheNamesThatAreKnown() {
    assertThatThrownBy(() -> HostClient.metadata(client.carelessTcp("c.example.com")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
              assertThat(refused.getStatus().getDescription())
                  .contains("'c.example.com'", A, B, "cnpg.io/pluginServerName", "aliases");
            });
  }

  @Test
  void aToolNamesThePluginInAHeader() {
    Channel channel = client.tcp("localhost");

    assertThat(HostClient.metadata(HostClient.naming(B, channel)).getName()).isEqualTo(B);
    assertThat(HostClient.metadata(HostClient.naming("A-SERVICE", channel)).getName()).isEqualTo(A);
    assertThat(statusOf(() -> HostClient.metadata(channel))).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(statusOf(() -> HostClient.metadata(HostClient.naming("nobody", channel))))
        .isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void aHeaderThatContradictsSocketOrServerNameIsRefused() {
    assertThat(statusOf(() -> HostClient.metadata(HostClient.naming(B, client.socket(A)))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(statusOf(() -> HostClient.metadata(HostClient.naming(B, client.tcp(A)))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(statusOf(() -> HostClient.metadata(HostClient.naming("nobody", client.socket(A)))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(HostClient.metadata(HostClient.naming(A, client.tcp("a-service"))).getName())
        .isEqualTo(A);
  }

  @Test
  void besideTheOperatorTheHeaderIsOff() {
    try (EmbeddedHost operator =
            EmbeddedHost.in(operatorHome)
                .classPathPlugins()
                .plugin("a", TestPlugin.of(A, hooks -> {}))
                .property("howdah.mode", "operator")
                .property("howdah.grpc.tls.certificate", host.tlsFile("server.crt"))
                .property("howdah.grpc.tls.private-key", host.tlsFile("server.key"))
                .property("howdah.grpc.tls.client-certificates", host.tlsFile("client.crt"))
                .start();
        HostClient borrowed = new HostClient(operator, home)) {
      assertThat(HostClient.metadata(borrowed.tcp(A)).getName()).isEqualTo(A);
      assertThat(statusOf(() -> HostClient.metadata(HostClient.naming(A, borrowed.tcp(A)))))
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(operatorHome.resolve("plugins")).doesNotExist();
    }
  }

  @Test
  void healthNeedsNoPluginName() {
    HealthCheckResponse health =
        HealthGrpc.newBlockingStub(client.tcp("localhost"))
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .check(HealthCheckRequest.getDefaultInstance());

    assertThat(health.getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  @Test
  void noAuthorityEverGetsAnotherPluginsAnswer() {
    Random random = new Random(SEED);
    Channel channel = client.carelessTcp(A);
    for (int i = 0; i < 1000; i++) {
      String authority = similarTo(random, random.nextBoolean() ? A : B);
      Optional<String> answer = answer(() -> whoAnswers(channel, authority));
      String said =
          authority.toLowerCase(Locale.ROOT).replaceAll(":\\d*$", "").replaceAll("\\.+$", "");
      assertThat(answer)
          .as("authority '%s', seed %d", authority, SEED)
          .isEqualTo(said.equals(A) ? Optional.of(A) : Optional.empty());
    }
  }

  @Test
  void noHeaderEverGetsAnotherPluginsAnswer() {
    Map<String, String> known = Map.of(A, A, B, B, "a-service", A, "a-service.cnpg-system.svc", A);
    Random random = new Random(SEED);
    Channel channel = client.tcp("localhost");
    for (int i = 0; i < 1000; i++) {
      List<String> names = known.keySet().stream().sorted().toList();
      String header = similarTo(random, names.get(random.nextInt(names.size())));
      Optional<String> answer =
          answer(() -> HostClient.metadata(HostClient.naming(header, channel)));
      assertThat(answer)
          .as("header '%s', seed %d", header, SEED)
          .isEqualTo(Optional.ofNullable(known.get(header.toLowerCase(Locale.ROOT))));
    }
  }

  @Test
  void noServerNameEverGetsAnotherPluginsAnswer() {
    Random random = new Random(SEED);
    for (int i = 0; i < 25; i++) {
      String name = similarTo(random, random.nextBoolean() ? A : B).replaceAll("[:.]+\\d*$", "");
      Optional<String> expected =
          List.of(A, B).contains(name.toLowerCase(Locale.ROOT))
              ? Optional.of(name.toLowerCase(Locale.ROOT))
              : Optional.empty();
      assertThat(answer(() -> HostClient.metadata(client.carelessTcp(name))))
          .as("server name '%s', seed %d", name, SEED)
          .isEqualTo(expected);
    }
  }

  /** A name as it is, or with one thing about it changed; always one that a client can send. */
  private static String similarTo(Random random, String name) {
    // Not the first character: a name can't begin with a dot.
    int at = 1 + random.nextInt(name.length() - 1);
    return switch (random.nextInt(9)) {
      case 0 -> name;
      case 1 -> name.substring(0, at) + name.substring(at + 1) + "x";
      case 2 -> name.substring(0, at) + (char) ('a' + random.nextInt(26)) + name.substring(at + 1);
      case 3 -> name.toUpperCase(Locale.ROOT);
      case 4 -> name + ":" + random.nextInt(65536);
      case 5 -> name + ".";
      case 6 -> "x." + name;
      case 7 -> name + ".example.com";
      default -> name.substring(0, at) + "0" + name.substring(at);
    };
  }

  private static GetPluginMetadataResponse whoAnswers(Channel channel, String authority) {
    return ClientCalls.blockingUnaryCall(
        channel,
        IdentityGrpc.getGetPluginMetadataMethod(),
        CallOptions.DEFAULT.withAuthority(authority).withDeadlineAfter(20, TimeUnit.SECONDS),
        GetPluginMetadataRequest.getDefaultInstance());
  }

  private interface Identifying {
    GetPluginMetadataResponse metadata();
  }

  private static Optional<String> answer(Identifying call) {
    try {
      return Optional.of(call.metadata().getName());
    } catch (StatusRuntimeException refused) {
      assertThat(refused.getStatus().getCode())
          .as("how it was refused: %s", refused.getStatus())
          .isIn(Status.Code.UNIMPLEMENTED, Status.Code.INVALID_ARGUMENT);
      return Optional.empty();
    }
  }

  private static Status.Code statusOf(Identifying call) {
    try {
      call.metadata();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }
}
