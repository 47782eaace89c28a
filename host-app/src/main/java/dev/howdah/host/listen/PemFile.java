package dev.howdah.host.listen;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/** The content of one PEM file. All of it must be well-formed, or it may be half written. */
record PemFile(Path path, byte[] content) {

  /**
   * The certificates, in the file's order.
   *
   * @throws TlsFileException if there is none, or anything is malformed
   */
  List<X509Certificate> certificates() throws TlsFileException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Object block : blocks()) {
      if (block instanceof X509CertificateHolder holder) {
        certificates.add(certificate(holder));
      }
    }
    if (certificates.isEmpty()) {
      throw new TlsFileException(path + " contains no certificate.");
    }
    return certificates;
  }

  /**
   * The first private key.
   *
   * @throws TlsFileException if there is none, it is encrypted, or anything is malformed
   */
  PrivateKey privateKey() throws TlsFileException {
    for (Object block : blocks()) {
      switch (block) {
        case PrivateKeyInfo pkcs8 -> {
          return key(pkcs8);
        }
        case PEMKeyPair traditional -> {
          return key(traditional.getPrivateKeyInfo());
        }
        case PEMEncryptedKeyPair _ -> throw encrypted();
        case PKCS8EncryptedPrivateKeyInfo _ -> throw encrypted();
        default -> {
          // Curve parameters, certificates: allowed beside the key.
        }
      }
    }
    throw new TlsFileException(path + " contains no private key.");
  }

  private List<Object> blocks() throws TlsFileException {
    List<Object> blocks = new ArrayList<>();
    String text = new String(content, StandardCharsets.ISO_8859_1);
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (@Nullable Object block = parser.readObject();
          block != null;
          block = parser.readObject()) {
        blocks.add(block);
      }
      return blocks;
    } catch (IOException | RuntimeException e) {
      throw new TlsFileException(path + " is not well-formed PEM; it may be half written.", e);
    }
  }

  private X509Certificate certificate(X509CertificateHolder holder) throws TlsFileException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(holder.getEncoded()));
    } catch (CertificateException | IOException e) {
      throw new TlsFileException(path + " contains a certificate that cannot be read.", e);
    }
  }

  private PrivateKey key(PrivateKeyInfo info) throws TlsFileException {
    try {
      return KeyFactory.getInstance(algorithm(info.getPrivateKeyAlgorithm().getAlgorithm()))
          .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    } catch (NoSuchAlgorithmException | InvalidKeySpecException | IOException e) {
      throw new TlsFileException(
          path + " contains a private key that cannot be used; EC, RSA and Ed25519 keys can.", e);
    }
  }

  private static String algorithm(ASN1ObjectIdentifier identifier) {
    if (identifier.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return "EC";
    }
    if (identifier.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return "RSA";
    }
    if (identifier.equals(EdECObjectIdentifiers.id_Ed25519)
        || identifier.equals(EdECObjectIdentifiers.id_Ed448)) {
      return "EdDSA";
    }
    return identifier.getId();
  }

  private TlsFileException encrypted() {
    return new TlsFileException(
        path + " contains an encrypted private key; the host needs one without a password.");
  }
}
