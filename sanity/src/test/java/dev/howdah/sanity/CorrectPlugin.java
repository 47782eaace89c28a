package dev.howdah.sanity;

import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginCapabilitiesResponse;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.GetPluginMetadataResponse;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.identity.PluginCapability;
import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.identity.ProbeRequest;
import dev.howdah.proto.identity.ProbeResponse;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesResult;
import dev.howdah.proto.reconciler.ReconcilerHooksCapability;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import dev.howdah.sanity.driver.Json;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import tools.jackson.core.JacksonException;

/** A small plugin that is right, so that the tool's own tests need no other language. */
final class CorrectPlugin implements AutoCloseable {
  static final String NAME = "correct.example.com";

  private final MultiThreadIoEventLoopGroup loops;
  private final Server server;
  private final Target target;

  private CorrectPlugin(NettyServerBuilder builder, Path folder, boolean socket, String version)
      throws IOException {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    server =
        builder
            .channelType(socket ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .addService(new Identity(version))
            .addService(new Hooks())
            .build()
            .start();
    target =
        socket
            ? new Target.Socket(folder.resolve(NAME))
            : new Target.Tcp(
                "127.0.0.1",
                server.getPort(),
                NAME,
                NAME,
                folder.resolve("server.crt"),
                folder.resolve("client.crt"),
                folder.resolve("client.key"));
  }

  /** Listens on a socket in that folder. */
  static CorrectPlugin onSocket(Path folder) throws IOException {
    return onSocket(folder, "1.0.0");
  }

  /** Listens on a socket in that folder and gives itself that version. */
  static CorrectPlugin onSocket(Path folder, String version) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(folder.resolve(NAME)))
            .withChildOption(ChannelOption.SO_KEEPALIVE, null);
    return new CorrectPlugin(builder, folder, true, version);
  }

  /** Listens on TCP with mutual TLS; certificates go to that folder. */
  static CorrectPlugin onTcp(Path folder) throws Exception {
    certificate(folder, "server");
    certificate(folder, "client");
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .sslContext(
                GrpcSslContexts.configure(
                        SslContextBuilder.forServer(
                            folder.resolve("server.crt").toFile(),
                            folder.resolve("server.key").toFile()),
                        SslProvider.JDK)
                    .trustManager(folder.resolve("client.crt").toFile())
                    .clientAuth(ClientAuth.REQUIRE)
                    .protocols("TLSv1.3")
                    .build());
    return new CorrectPlugin(builder, folder, false, "1.0.0");
  }

  Target target() {
    return target;
  }

  private static void certificate(Path folder, String file) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair pair = generator.generateKeyPair();
    X500Principal name = new X500Principal("CN=" + file);
    Object certificate =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.valueOf(System.nanoTime()),
                Date.from(Instant.now().minus(Duration.ofHours(1))),
                Date.from(Instant.now().plus(Duration.ofDays(30))),
                name,
                pair.getPublic())
            .addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, NAME)))
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
    write(folder.resolve(file + ".crt"), certificate);
    write(folder.resolve(file + ".key"), new JcaPKCS8Generator(pair.getPrivate(), null));
  }

  private static void write(Path file, Object content) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      pem.writeObject(content);
    }
    Files.writeString(file, text.toString());
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow();
    server.awaitTermination(5, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static final class Identity extends IdentityGrpc.IdentityImplBase {
    private final String version;

    Identity(String version) {
      this.version = version;
    }

    @Override
    public void getPluginMetadata(
        GetPluginMetadataRequest request, StreamObserver<GetPluginMetadataResponse> answer) {
      answer.onNext(
          GetPluginMetadataResponse.newBuilder()
              .setName(NAME)
              .setVersion(version)
              .setDisplayName("Correct")
              .setDescription("Right in everything")
              .setLicense("Apache-2.0")
              .setLicenseUrl("https://www.apache.org/licenses/LICENSE-2.0")
              .build());
      answer.onCompleted();
    }

    @Override
    public void getPluginCapabilities(
        GetPluginCapabilitiesRequest request,
        StreamObserver<GetPluginCapabilitiesResponse> answer) {
      answer.onNext(
          GetPluginCapabilitiesResponse.newBuilder()
              .addCapabilities(
                  PluginCapability.newBuilder()
                      .setService(
                          PluginCapability.Service.newBuilder()
                              .setType(Type.TYPE_RECONCILER_HOOKS)))
              .build());
      answer.onCompleted();
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> answer) {
      answer.onNext(ProbeResponse.newBuilder().setReady(true).build());
      answer.onCompleted();
    }
  }

  private static final class Hooks extends ReconcilerHooksGrpc.ReconcilerHooksImplBase {
    @Override
    public void getCapabilities(
        ReconcilerHooksCapabilitiesRequest request,
        StreamObserver<ReconcilerHooksCapabilitiesResult> answer) {
      answer.onNext(
          ReconcilerHooksCapabilitiesResult.newBuilder()
              .addReconcilerCapabilities(
                  ReconcilerHooksCapability.newBuilder()
                      .setKind(ReconcilerHooksCapability.Kind.KIND_CLUSTER))
              .build());
      answer.onCompleted();
    }

    @Override
    public void pre(ReconcilerHooksRequest request, StreamObserver<ReconcilerHooksResult> answer) {
      proceed(request, answer);
    }

    @Override
    public void post(ReconcilerHooksRequest request, StreamObserver<ReconcilerHooksResult> answer) {
      proceed(request, answer);
    }

    private static void proceed(
        ReconcilerHooksRequest request, StreamObserver<ReconcilerHooksResult> answer) {
      try {
        Json.read(request.getClusterDefinition());
        answer.onNext(
            ReconcilerHooksResult.newBuilder()
                .setBehavior(ReconcilerHooksResult.Behavior.BEHAVIOR_CONTINUE)
                .build());
        answer.onCompleted();
      } catch (JacksonException e) {
        answer.onError(
            Status.INVALID_ARGUMENT
                .withDescription("cluster_definition is no JSON")
                .asRuntimeException());
      }
    }
  }
}
