package dev.howdah.host.listen;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * Issues certificates for one machine, so that the host can be tried without a Kubernetes that has
 * them issued.
 *
 * <p>A folder then holds {@code ca.crt}, {@code server.crt} and {@code client.crt} with their keys.
 * {@code server.crt} has the authority's certificate behind the server's own, since clients take
 * that file as their root. The server trusts {@code client.crt} itself, not the authority. Whoever
 * brings certificates of their own keeps them: files that are there and valid are left alone.
 *
 * <p>Not thread-safe; one process at a time per folder.
 */
public final class DevelopmentCertificates {
  private static final Duration AUTHORITY_VALIDITY = Duration.ofDays(3650);
  private static final Duration VALIDITY = Duration.ofDays(365);

  /** Clocks of a container and of its machine differ now and then. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  /** Shorter than this, and a long weekend ends with an outage. */
  private static final Duration RENEW_BEFORE = Duration.ofDays(7);

  private static final List<String> LOCAL_NAMES = List.of("localhost", "127.0.0.1", "::1");

  private final Path directory;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final List<Path> written = new ArrayList<>();

  private enum Role {
    SERVER("server", KeyPurposeId.id_kp_serverAuth),
    CLIENT("client", KeyPurposeId.id_kp_clientAuth);

    private final String file;
    private final KeyPurposeId purpose;

    Role(String file, KeyPurposeId purpose) {
      this.file = file;
      this.purpose = purpose;
    }
  }

  private record Authority(X509Certificate certificate, PrivateKey key) {}

  /**
   * What is in the folder afterwards.
   *
   * @param server what the host listens with
   * @param authority the authority's certificate
   * @param clientCertificate what a client shows
   * @param clientKey the client's key
   * @param written the files that were made or replaced, in that order; empty when all were there
   */
  public record Issued(
      TlsFiles server, Path authority, Path clientCertificate, Path clientKey, List<Path> written) {
    /** Copies the list. */
    public Issued {
      written = List.copyOf(written);
    }
  }

  private DevelopmentCertificates(Path directory, InstantSource clock) {
    this.directory = directory.toAbsolutePath().normalize();
    this.clock = clock;
  }

  /**
   * Completes the folder. An existing authority is used again; the server's and the client's
   * certificate are issued anew when they are missing, end within seven days, or do not carry all
   * the names.
   *
   * @param directory made if it is missing, for the owner alone
   * @param serverNames names the server is reached by besides those of this machine: the plugins'
   *     names and their aliases
   * @throws ListenException if something has to be issued and the authority is incomplete, or a
   *     file cannot be read or written
   */
  public static Issued issue(Path directory, Collection<String> serverNames) {
    return issue(directory, serverNames, InstantSource.system());
  }

  static Issued issue(Path directory, Collection<String> serverNames, InstantSource clock) {
    try {
      return new DevelopmentCertificates(directory, clock).issue(serverNames);
    } catch (TlsFileException e) {
      throw new ListenException(
          "Cannot use the development certificates in %s: %s Remove the folder to have new ones"
                  .formatted(directory, e.getMessage())
              + " issued.",
          e);
    } catch (IOException e) {
      throw new ListenException(
          "Cannot write development certificates to %s: %s. Make the folder writable, or bring"
                  .formatted(directory, e)
              + " certificates with --server-cert, --server-key and --client-cert.",
          e);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("Every JDK can issue P-256 certificates.", e);
    }
  }

  private Issued issue(Collection<String> serverNames)
      throws TlsFileException, IOException, GeneralSecurityException, OperatorCreationException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Set<String> names = names(serverNames);
    boolean serverDue = isDue(Role.SERVER, names);
    boolean clientDue = isDue(Role.CLIENT, Set.of());
    if (serverDue || clientDue || !Files.exists(certificateFile("ca"))) {
      Authority authority = authority();
      if (serverDue) {
        issue(Role.SERVER, authority, names);
      }
      if (clientDue) {
        issue(Role.CLIENT, authority, Set.of());
      }
    }
    Path client = certificateFile(Role.CLIENT.file);
    return new Issued(
        new TlsFiles(certificateFile(Role.SERVER.file), keyFile(Role.SERVER.file), client),
        certificateFile("ca"),
        client,
        keyFile(Role.CLIENT.file),
        written);
  }

  private static Set<String> names(Collection<String> serverNames) {
    Set<String> names = new LinkedHashSet<>();
    serverNames.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    names.addAll(LOCAL_NAMES);
    return names;
  }

  private boolean isDue(Role role, Set<String> names) throws TlsFileException, IOException {
    if (!Files.exists(certificateFile(role.file)) || !Files.exists(keyFile(role.file))) {
      return true;
    }
    X509Certificate certificate = certificate(role.file);
    boolean ending =
        clock.instant().plus(RENEW_BEFORE).isAfter(certificate.getNotAfter().toInstant());
    return ending || !carried(certificate).containsAll(normalized(names));
  }

  /** The names of a certificate, addresses in the one form that compares. */
  private static Set<String> carried(X509Certificate certificate) throws IOException {
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      Set<String> names = new HashSet<>();
      if (alternatives != null) {
        alternatives.forEach(name -> names.add(String.valueOf(name.get(1))));
      }
      return normalized(names);
    } catch (CertificateParsingException e) {
      throw new IOException("a certificate's names cannot be read", e);
    }
  }

  private static Set<String> normalized(Set<String> names) throws IOException {
    Set<String> normalized = new HashSet<>();
    for (String name : names) {
      normalized.add(
          isAddress(name)
              ? InetAddress.getByName(name).getHostAddress()
              : name.toLowerCase(Locale.ROOT));
    }
    return normalized;
  }

  private static boolean isAddress(String name) {
    return name.contains(":") || name.matches("[0-9.]+");
  }

  private Authority authority()
      throws TlsFileException, IOException, GeneralSecurityException, OperatorCreationException {
    boolean certificate = Files.exists(certificateFile("ca"));
    boolean key = Files.exists(keyFile("ca"));
    if (certificate && key) {
      return new Authority(certificate("ca"), key("ca"));
    }
    if (!certificate && !key && isEmpty()) {
      return newAuthority();
    }
    throw new TlsFileException(
        "%s is missing, so nothing can be issued beside what is there."
            .formatted(certificate ? keyFile("ca") : certificateFile("ca")));
  }

  /** A new authority next to certificates of an older one would not have issued them. */
  private boolean isEmpty() {
    return Stream.of(Role.values())
        .noneMatch(
            role -> Files.exists(certificateFile(role.file)) || Files.exists(keyFile(role.file)));
  }

  private Authority newAuthority()
      throws IOException, GeneralSecurityException, OperatorCreationException {
    KeyPair keys = keyPair();
    X500Name name = new X500Name("CN=Howdah development authority");
    JcaX509v3CertificateBuilder builder =
        builder(name, name, keys, clock.instant().plus(AUTHORITY_VALIDITY));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    X509Certificate certificate = sign(builder, keys.getPrivate());
    write(keyFile("ca"), keyPem(keys.getPrivate()));
    write(certificateFile("ca"), certificatePem(certificate));
    return new Authority(certificate, keys.getPrivate());
  }

  private void issue(Role role, Authority authority, Set<String> names)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    KeyPair keys = keyPair();
    JcaX509v3CertificateBuilder builder =
        builder(
            X500Name.getInstance(authority.certificate.getSubjectX500Principal().getEncoded()),
            new X500Name("CN=howdah-" + role.file),
            keys,
            earlier(
                clock.instant().plus(VALIDITY), authority.certificate.getNotAfter().toInstant()));
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        identifiers.createAuthorityKeyIdentifier(authority.certificate));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(role.purpose));
    if (!names.isEmpty()) {
      builder.addExtension(Extension.subjectAlternativeName, false, alternatives(names));
    }
    X509Certificate certificate = sign(builder, authority.key);
    write(keyFile(role.file), keyPem(keys.getPrivate()));
    write(
        certificateFile(role.file),
        role == Role.SERVER
            ? certificatePem(certificate, authority.certificate)
            : certificatePem(certificate));
  }

  private static GeneralNames alternatives(Set<String> names) {
    return new GeneralNames(
        names.stream()
            .map(
                name ->
                    new GeneralName(
                        isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
            .toArray(GeneralName[]::new));
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static KeyPair keyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private JcaX509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, KeyPair keys, Instant notAfter)
      throws CertIOException, GeneralSecurityException {
    Instant notBefore = clock.instant().minus(CLOCK_SKEW).truncatedTo(ChronoUnit.SECONDS);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            new BigInteger(127, random).setBit(126),
            Date.from(notBefore),
            Date.from(notAfter),
            subject,
            keys.getPublic());
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
    return builder;
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
  }

  private X509Certificate certificate(String name) throws TlsFileException, IOException {
    Path file = certificateFile(name);
    return new PemFile(file, Files.readAllBytes(file)).certificates().getFirst();
  }

  private PrivateKey key(String name) throws TlsFileException, IOException {
    Path file = keyFile(name);
    return new PemFile(file, Files.readAllBytes(file)).privateKey();
  }

  private Path certificateFile(String name) {
    return directory.resolve(name + ".crt");
  }

  private Path keyFile(String name) {
    return directory.resolve(name + ".key");
  }

  private static String certificatePem(X509Certificate... certificates)
      throws IOException, GeneralSecurityException {
    List<PemObject> blocks = new ArrayList<>();
    for (X509Certificate certificate : certificates) {
      blocks.add(new PemObject("CERTIFICATE", certificate.getEncoded()));
    }
    return pem(blocks);
  }

  private static String keyPem(PrivateKey key) throws IOException {
    return pem(List.of(new PemObject("PRIVATE KEY", key.getEncoded())));
  }

  private static String pem(List<PemObject> blocks) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      for (PemObject block : blocks) {
        writer.writeObject(block);
      }
    }
    return text.toString();
  }

  /** Never half a file, and a key never readable for others, not even while it is written. */
  private void write(Path file, String content) throws IOException {
    String mode = file.toString().endsWith(".key") ? "rw-------" : "rw-r--r--";
    Path draft =
        Files.createTempFile(
            directory,
            ".new-",
            ".pem",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(draft, content);
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString(mode));
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
    written.add(file);
  }
}
