package dev.howdah.host.listen;

import dev.howdah.host.config.TlsEngine;
import io.netty.handler.ssl.SslContext;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the certificates in use those of the files.
 *
 * <p>Each handshake looks whether the files were replaced and gets all of its material from one
 * reading; connections that are open are left alone. Files that cannot be used, perhaps because
 * they are being written, change nothing: the last good ones stay in use, which is logged once and
 * shown in {@link #status()}.
 *
 * <p>Thread-safe. A handshake never waits for another thread's reading.
 */
final class ReloadingTls {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadingTls.class);

  private final TlsFiles files;
  private final TlsMaterial.Use use;
  private final InstantSource clock;
  private final ListenEvents events;
  private final ReentrantLock reading = new ReentrantLock();

  private volatile TlsMaterial material;
  private volatile TlsStatus status;
  private volatile List<FileStamp> readAt;

  /**
   * Reads the files for the first time, for gRPC.
   *
   * @throws ListenException if they cannot be used, then there is nothing to fall back to; or if
   *     the engine can't be
   */
  ReloadingTls(TlsFiles files, TlsEngine engine, InstantSource clock, ListenEvents events) {
    this(files, new TlsMaterial.Use.Grpc(engine), clock, events);
    if (files.trustedClients() == null) {
      throw new ListenException(
          "Cannot listen with mutual TLS: there is no file of trusted client certificates. Name one"
              + " with --client-cert (howdah.grpc.tls.client-certificates).");
    }
  }

  /**
   * Reads the files for the first time.
   *
   * @throws ListenException if they cannot be used; then there is nothing to fall back to
   */
  ReloadingTls(TlsFiles files, TlsMaterial.Use use, InstantSource clock, ListenEvents events) {
    this.files = files;
    this.use = use;
    this.clock = clock;
    this.events = events;
    try {
      readAt = FileStamp.of(files);
      material = TlsMaterial.of(TlsMaterial.files(files), use, clock);
      status = status(material, clock.instant(), null);
    } catch (TlsFileException e) {
      throw new ListenException(
          "Cannot listen with TLS: %s Correct %s.".formatted(e.getMessage(), use.files()), e);
    }
    events.tlsChanged(status);
  }

  /** The context for one handshake. */
  SslContext forHandshake() {
    if (!FileStamp.of(files).equals(readAt)) {
      refresh();
    }
    return material.context();
  }

  /** The context in use, without a look at the files. */
  SslContext current() {
    return material.context();
  }

  /**
   * Reads the files again. Needed now and then besides the handshakes' look at size and time, which
   * a file that is rewritten in place can keep.
   */
  void refresh() {
    if (!reading.tryLock()) {
      return;
    }
    try {
      List<FileStamp> before = FileStamp.of(files);
      take(TlsMaterial.files(files));
      readAt = before;
    } catch (TlsFileException e) {
      keepOld(Objects.requireNonNull(e.getMessage()));
    } finally {
      reading.unlock();
    }
  }

  private void take(List<PemFile> found) throws TlsFileException {
    boolean changed = !material.isMadeOf(found);
    if (!changed && status.problem().isEmpty()) {
      return;
    }
    if (changed) {
      material = TlsMaterial.of(found, use, clock);
    }
    status = status(material, changed ? clock.instant() : status.loadedAt(), null);
    LOG.atInfo()
        .addKeyValue("subject", status.server().subject())
        .addKeyValue("notAfter", status.server().notAfter())
        .addKeyValue("trusted", status.trusted().size())
        .log("New handshakes use the certificates on disk");
    events.tlsChanged(status);
  }

  private void keepOld(String problem) {
    if (status.problem().equals(Optional.of(problem))) {
      return;
    }
    status = status(material, status.loadedAt(), problem);
    LOG.atWarn()
        .addKeyValue("problem", problem)
        .addKeyValue("inUseSince", status.loadedAt())
        .addKeyValue("notAfter", status.server().notAfter())
        .log("Cannot use the certificates on disk; those read before stay in use");
    events.tlsChanged(status);
  }

  TlsStatus status() {
    return status;
  }

  private static TlsStatus status(
      TlsMaterial material, Instant loadedAt, @Nullable String problem) {
    return new TlsStatus(
        loadedAt,
        describe(material.server()),
        material.trusted().stream().map(ReloadingTls::describe).toList(),
        Optional.ofNullable(problem));
  }

  private static TlsStatus.Certificate describe(X509Certificate certificate) {
    return new TlsStatus.Certificate(
        certificate.getSubjectX500Principal().getName(),
        certificate.getSerialNumber().toString(16),
        certificate.getNotAfter().toInstant());
  }
}
