package dev.howdah.host.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/** The half of a {@link TrailKey} that verifies checkpoints. Immutable and thread-safe. */
public final class TrailPublicKey {

  private final PublicKey key;

  TrailPublicKey(PublicKey key) {
    this.key = key;
  }

  /**
   * Reads a public key.
   *
   * @param file SubjectPublicKeyInfo in PEM
   * @throws AuditException if it can't be read or isn't one
   */
  public static TrailPublicKey load(Path file) {
    try {
      return decode(decodePem(Files.readString(file)));
    } catch (IOException e) {
      throw new AuditException("The public key %s can't be read.".formatted(file), e);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new AuditException("%s is not an Ed25519 public key in PEM.".formatted(file), e);
    }
  }

  static TrailPublicKey decode(byte[] der) throws GeneralSecurityException {
    return new TrailPublicKey(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der)));
  }

  static byte[] decodePem(String pem) {
    return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
  }

  /** The first 32 hexadecimal digits of the SHA-256 of the key: how checkpoints name it. */
  public String id() {
    return CanonicalJson.sha256(key.getEncoded()).substring(0, 32);
  }

  /** The key in PEM, as {@code --key} of {@code audit verify} takes it. */
  public String toPem() {
    return TrailKey.pem("PUBLIC KEY", key.getEncoded());
  }

  String base64() {
    return Base64.getEncoder().encodeToString(key.getEncoded());
  }

  boolean verifies(byte[] message, byte[] signed) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initVerify(key);
      signature.update(message);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
