package dev.howdah.host.listen;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.jspecify.annotations.Nullable;

/** A certificate with its key and issuers, made to order. */
record TestCertificate(X509Certificate certificate, KeyPair keys, List<X509Certificate> issuers) {

  static Order named(String name) {
    return new Order(name);
  }

  /** What the certificate is to be. */
  static final class Order {
    private final String name;
    private Instant notBefore = Instant.now().minus(Duration.ofHours(1));
    private Instant notAfter = Instant.now().plus(Duration.ofDays(30));
    private boolean authority;
    private @Nullable TestCertificate issuer;
    private KeyPurposeId purpose = KeyPurposeId.id_kp_clientAuth;
    private int keyUsage = KeyUsage.digitalSignature;
    private String algorithm = "EC";
    private int bits = 256;
    private final List<String> dnsNames = new ArrayList<>();

    private Order(String name) {
      this.name = name;
    }

    Order authority() {
      authority = true;
      keyUsage = KeyUsage.keyCertSign;
      return this;
    }

    Order issuedBy(TestCertificate issuer) {
      this.issuer = issuer;
      return this;
    }

    Order forServer(String... dnsNames) {
      purpose = KeyPurposeId.id_kp_serverAuth;
      this.dnsNames.addAll(List.of(dnsNames));
      return this;
    }

    Order keyUsage(int bits) {
      keyUsage = bits;
      return this;
    }

    Order expired() {
      notBefore = Instant.now().minus(Duration.ofDays(2));
      notAfter = Instant.now().minus(Duration.ofMinutes(1));
      return this;
    }

    Order notYetValid() {
      notBefore = Instant.now().plus(Duration.ofHours(1));
      return this;
    }

    Order rsa() {
      algorithm = "RSA";
      bits = 2048;
      return this;
    }

    /** EC, but another curve than P-256. */
    Order bits(int bits) {
      this.bits = bits;
      return this;
    }

    TestCertificate make() {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        KeyPair keys = generator.generateKeyPair();
        KeyPair signing = issuer == null ? keys : issuer.keys;
        X500Name subject = new X500Name("CN=" + name);
        X500Name issuerName =
            issuer == null
                ? subject
                : X500Name.getInstance(issuer.certificate.getSubjectX500Principal().getEncoded());
        JcaX509v3CertificateBuilder builder =
            new JcaX509v3CertificateBuilder(
                issuerName,
                new BigInteger(80, new SecureRandom()),
                Date.from(notBefore),
                Date.from(notAfter),
                subject,
                keys.getPublic());
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
        if (authority) {
          builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        } else {
          builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        }
        if (!dnsNames.isEmpty()) {
          GeneralName[] names =
              dnsNames.stream()
                  .map(dns -> new GeneralName(GeneralName.dNSName, dns))
                  .toArray(GeneralName[]::new);
          builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        }
        String signer =
            signing.getPrivate().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        X509Certificate certificate =
            new JcaX509CertificateConverter()
                .getCertificate(
                    builder.build(new JcaContentSignerBuilder(signer).build(signing.getPrivate())));
        List<X509Certificate> issuers = new ArrayList<>();
        if (issuer != null) {
          issuers.add(issuer.certificate);
          issuers.addAll(issuer.issuers);
        }
        return new TestCertificate(certificate, keys, issuers);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  X509Certificate[] chain() {
    List<X509Certificate> chain = new ArrayList<>();
    chain.add(certificate);
    chain.addAll(issuers);
    return chain.toArray(new X509Certificate[0]);
  }

  /** As the operator's Secret has it: the leaf, then its issuers. */
  String chainPem() {
    return pem((Object[]) chain());
  }

  String certificatePem() {
    return pem(certificate);
  }

  String pkcs8Pem() {
    return pem(new PemObject("PRIVATE KEY", keys.getPrivate().getEncoded()));
  }

  /** PKCS#1 for RSA, SEC 1 for EC. */
  String traditionalKeyPem() {
    if (!(keys.getPrivate() instanceof ECPrivateKey key)) {
      return pem(keys.getPrivate());
    }
    try {
      // As openssl writes it: the curve is in the key, and in a block of its own ahead of it.
      var curve = new PemObject("EC PARAMETERS", SECObjectIdentifiers.secp256r1.getEncoded());
      var sec1 =
          new org.bouncycastle.asn1.sec.ECPrivateKey(
              256, key.getS(), SECObjectIdentifiers.secp256r1);
      return pem(curve, new PemObject("EC PRIVATE KEY", sec1.getEncoded()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static String pem(Object... objects) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object object : objects) {
        writer.writeObject(object);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return text.toString();
  }

  static String together(TestCertificate... certificates) {
    return pem(Arrays.stream(certificates).map(TestCertificate::certificate).toArray());
  }

  static void write(Path file, String content) {
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
