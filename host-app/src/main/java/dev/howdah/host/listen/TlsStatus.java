package dev.howdah.host.listen;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The certificates in use, for health details and metrics.
 *
 * @param loadedAt when they were read
 * @param server the certificate shown to clients
 * @param trusted the certificates of the file of trusted clients, in its order
 * @param problem why newer files were not taken, or empty when the files are the ones in use
 */
public record TlsStatus(
    Instant loadedAt, Certificate server, List<Certificate> trusted, Optional<String> problem) {

  /**
   * One certificate.
   *
   * @param subject its subject as an RFC 2253 name
   * @param serialNumber in hexadecimal; tells a certificate from the one it replaces
   * @param notAfter the last moment of its validity
   */
  public record Certificate(String subject, String serialNumber, Instant notAfter) {}

  /** Copies the list. */
  public TlsStatus {
    trusted = List.copyOf(trusted);
  }
}
