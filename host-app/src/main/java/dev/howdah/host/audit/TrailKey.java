package dev.howdah.host.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/**
 * The Ed25519 key that signs checkpoints. It lives outside the trail: whoever can write the trail
 * but not read this key can't make a checkpoint that holds. Thread-safe.
 */
public final class TrailKey {

  private static final String ALGORITHM = "Ed25519";

  private final PrivateKey privateKey;
  private final TrailPublicKey publicKey;

  private TrailKey(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = new TrailPublicKey(publicKey);
  }

  /**
   * Reads the key, or makes one if there is none yet and puts the public half beside it ({@code
   * .pub}).
   *
   * @param file PKCS#8 in PEM; made readable by its owner only
   * @param create whether to make one
   * @throws AuditException if there is none, or it can't be read, written or used
   */
  public static TrailKey load(Path file, boolean create) {
    try {
      if (!Files.exists(file)) {
        if (!create) {
          throw new AuditException(
              "The audit trail's signing key %s doesn't exist. Mount an Ed25519 key in PEM there (openssl genpkey -algorithm ed25519), or allow it to be created."
                  .formatted(file));
        }
        create(file);
      }
      return parse(Files.readString(file));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new AuditException(
          "The audit trail's signing key %s is not an Ed25519 private key in PKCS#8 PEM."
              .formatted(file),
          e);
    } catch (IOException e) {
      throw new AuditException(
          "The audit trail's signing key %s can't be read or created.".formatted(file), e);
    }
  }

  /** Makes a key that is kept nowhere. */
  public static TrailKey ephemeral() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      return new TrailKey(pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java has no Ed25519.", e);
    }
  }

  /** The half that verifies. */
  public TrailPublicKey publicKey() {
    return publicKey;
  }

  /** Signs; 64 bytes. */
  byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(privateKey);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Signing with Ed25519 failed.", e);
    }
  }

  /** A key for keyed digests of redacted values, that says nothing about the signing key. */
  byte[] redactionKey() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("howdah audit redaction".getBytes(StandardCharsets.UTF_8));
      return digest.digest(privateKey.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java has no SHA-256.", e);
    }
  }

  private static void create(Path file) throws IOException, GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
    Path absolute = file.toAbsolutePath();
    Files.createDirectories(parentOf(absolute));
    try {
      Files.createFile(
          absolute,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException e) {
      return;
    }
    Files.writeString(
        absolute,
        pem("PRIVATE KEY", pair.getPrivate().getEncoded()),
        StandardOpenOption.WRITE,
        StandardOpenOption.SYNC);
    Files.writeString(
        parentOf(absolute).resolve(file.getFileName() + ".pub"),
        pem("PUBLIC KEY", pair.getPublic().getEncoded()));
  }

  private static Path parentOf(Path absolute) {
    Path parent = absolute.getParent();
    if (parent == null) {
      throw new AuditException("The signing key's path %s has no folder.".formatted(absolute));
    }
    return parent;
  }

  private static TrailKey parse(String pem) throws GeneralSecurityException {
    PrivateKey key =
        KeyFactory.getInstance(ALGORITHM)
            .generatePrivate(new PKCS8EncodedKeySpec(TrailPublicKey.decodePem(pem)));
    if (!(key instanceof EdECPrivateKey edKey)) {
      throw new GeneralSecurityException("not an Ed25519 key");
    }
    byte[] seed = edKey.getBytes().orElseThrow(() -> new GeneralSecurityException("no seed"));
    // The public half follows from the seed: a generator fed with the seed as its randomness.
    KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
    generator.initialize(NamedParameterSpec.ED25519, new Seed(seed));
    KeyPair pair = generator.generateKeyPair();
    PrivateKey again =
        KeyFactory.getInstance(ALGORITHM)
            .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
    if (!MessageDigest.isEqual(again.getEncoded(), pair.getPrivate().getEncoded())) {
      throw new GeneralSecurityException("the public key can't be derived");
    }
    return new TrailKey(key, pair.getPublic());
  }

  static String pem(String type, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), type);
  }

  /** Gives a seed where randomness is asked for. */
  private static final class Seed extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private final byte[] seed;

    Seed(byte[] seed) {
      super();
      this.seed = seed.clone();
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }
}
