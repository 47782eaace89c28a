package dev.howdah.host;

import dev.howdah.host.admission.AdmissionWebhooks;
import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.listen.DevelopmentCertificates;
import dev.howdah.host.listen.HttpsListener;
import dev.howdah.host.listen.HttpsOptions;
import dev.howdah.host.listen.HttpsTls;
import dev.howdah.host.listen.ListenEvents;
import dev.howdah.host.listen.TlsFiles;
import dev.howdah.host.listen.TlsStatus;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.SmartLifecycle;

/**
 * The webhooks' door, where it is wanted: opens once plugins serve, and closes, after the reviews
 * in flight, before they stop.
 */
public final class AdmissionEndpoint implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(AdmissionEndpoint.class);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  /** Longer than the API server keeps an idle connection, so that it is the one to close it. */
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(2);

  private final HowdahProperties properties;
  private final HostEndpoint host;
  private final AdmissionWebhooks webhooks;
  private final SslBundles bundles;
  private final ListenEvents events;
  private volatile @Nullable HttpsListener listener;

  AdmissionEndpoint(
      HowdahProperties properties,
      HostEndpoint host,
      AdmissionWebhooks webhooks,
      SslBundles bundles,
      ListenEvents events) {
    this.properties = properties;
    this.host = host;
    this.webhooks = webhooks;
    this.bundles = bundles;
    this.events = events;
  }

  @Override
  public boolean isAutoStartup() {
    return properties.servesAdmission();
  }

  @Override
  public void start() {
    HowdahProperties.Admission admission = properties.admission();
    HttpsListener opened =
        HttpsListener.start(
            new HttpsOptions(
                admission.address(),
                tls(admission.tls()),
                Math.toIntExact(admission.maxBodySize().toBytes()),
                admission.maxConnections(),
                REQUEST_TIMEOUT,
                IDLE_TIMEOUT),
            webhooks,
            events);
    listener = opened;
    LOG.atInfo().addKeyValue("https", opened.address()).log("Admission webhooks are served");
  }

  private HttpsTls tls(HowdahProperties.AdmissionTls tls) {
    String bundle = tls.bundle();
    if (bundle != null) {
      return new HttpsTls.Contexts(fromBundle(bundle)::get);
    }
    Path certificate = tls.certificate();
    Path key = tls.privateKey();
    if (certificate != null && key != null) {
      return new HttpsTls.Files(new TlsFiles(certificate, key, tls.clientCertificates()));
    }
    if (certificate != null || key != null) {
      throw new ConfigurationException(
          "Of howdah.admission.tls.certificate and .private-key one is set; set both or none.");
    }
    TlsFiles hosts = hostsOwn();
    return new HttpsTls.Files(
        new TlsFiles(hosts.certificate(), hosts.key(), tls.clientCertificates()));
  }

  private TlsFiles hostsOwn() {
    HowdahProperties.Tls grpc = properties.grpc().tls();
    if (grpc != null) {
      return new TlsFiles(grpc.certificate(), grpc.privateKey(), null);
    }
    return host.developmentTls()
        .map(DevelopmentCertificates.Issued::server)
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "The admission webhooks need a certificate: set"
                        + " howdah.admission.tls.certificate and .private-key, or"
                        + " howdah.admission.tls.bundle."));
  }

  private AtomicReference<SslContext> fromBundle(String name) {
    AtomicReference<SslContext> context =
        new AtomicReference<>(context(name, bundles.getBundle(name)));
    bundles.addBundleUpdateHandler(name, updated -> context.set(context(name, updated)));
    return context;
  }

  private static SslContext context(String name, SslBundle bundle) {
    try {
      return SslContextBuilder.forServer(bundle.getManagers().getKeyManagerFactory())
          .sslProvider(SslProvider.JDK)
          .protocols("TLSv1.3")
          .build();
    } catch (SSLException e) {
      throw new ConfigurationException(
          "The SSL bundle '%s' can't be used for the admission webhooks: %s. Correct spring.ssl.bundle."
              .formatted(name, e.getMessage()),
          e);
    }
  }

  @Override
  public void stop() {
    HttpsListener closing = listener;
    if (closing != null) {
      listener = null;
      closing.stop(properties.admission().drainTimeout());
    }
  }

  @Override
  public boolean isRunning() {
    return listener != null;
  }

  /** Behind the plugins; so in front of them when the host stops. */
  @Override
  public int getPhase() {
    return host.getPhase() + 1;
  }

  /** Where the webhooks are served, if they are. */
  public Optional<InetSocketAddress> address() {
    return Optional.ofNullable(listener).map(HttpsListener::address);
  }

  /** Their certificate, if it comes from files. */
  public Optional<TlsStatus> tls() {
    return Optional.ofNullable(listener).flatMap(HttpsListener::tls);
  }
}
