package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.advice;
import static dev.howdah.sanity.check.Rule.operator;

import dev.howdah.sanity.Check;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import dev.howdah.sanity.driver.Wire;
import io.grpc.ConnectivityState;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** The socket file, its folder, and how connections to it last. */
final class SocketChecks {
  private static final int PATH_LIMIT = 107;
  private static final int SOCKET_TYPE = 0140000;
  private static final int TYPE_MASK = 0170000;
  private static final Duration START = Duration.ofSeconds(20);

  private SocketChecks() {}

  static List<Check> all() {
    return List.of(
        operator("SOCK-01", "The socket's path has at most 107 bytes.")
            .cites("the kernel's sun_path; Go refuses to dial a longer one")
            .remedy("Choose a shorter name or folder.")
            .when(Need.SOCKET)
            .tested(
                (s, f) -> {
                  int length = path(s).toString().length();
                  f.unless(length <= PATH_LIMIT, "%s has %d bytes", path(s), length);
                }),
        operator("SOCK-02", "The socket's folder holds nothing but sockets.")
            .cites(
                "operator: internal/cnpi/plugin/repository/setup.go registers every entry of the"
                    + " folder as a plugin")
            .remedy("Keep locks, logs and temporary files elsewhere.")
            .when(Need.SOCKET)
            .tested(SocketChecks::folder),
        operator("SOCK-03", "A socket file left by a crash is replaced at start.")
            .cites("a killed process leaves its file; its successor could not bind")
            .remedy("Remove the old file before binding.")
            .when(
                Need.SOCKET,
                new Need(
                    "wants --start, a command that starts the plugin anew",
                    s -> !s.options().start().isEmpty()))
            .tested(SocketChecks::stale),
        operator("SOCK-04", "PostgreSQL's user may connect to the socket.")
            .cites("connecting wants write permission; the instance manager runs as PostgreSQL")
            .remedy("Run the sidecar as the same user, or open the socket's mode.")
            .when(Need.SOCKET)
            .tested(SocketChecks::mode),
        operator("SOCK-05", "Five connections at once are served.")
            .cites("operator: internal/cnpi/plugin/repository/setup.go, pools of five")
            .remedy("Accept at least five connections.")
            .when(Need.CONNECTION)
            .tested(SocketChecks::five),
        advice("SOCK-06", "A connection left alone stays up.")
            .cites("the operator's channels go idle after 30 minutes, not earlier")
            .remedy("Set no short limit on idle connections.")
            .when(Need.CONNECTION)
            .tested(SocketChecks::idle));
  }

  private static Path path(Session session) {
    return ((Target.Socket) session.target()).path().toAbsolutePath();
  }

  private static void folder(Session session, Findings findings) throws IOException {
    Path folder = path(session).getParent();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.sorted().toList()) {
        Object mode = Files.getAttribute(entry, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        boolean socket = mode instanceof Integer bits && (bits & TYPE_MASK) == SOCKET_TYPE;
        findings.unless(socket, "%s is no socket", entry.getFileName());
      }
    }
  }

  private static void stale(Session session, Findings findings) throws Exception {
    Path path = path(session);
    Files.deleteIfExists(path);
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(path));
    }
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new UndecidedException("no stale socket can be left here");
    }
    Session.command(session.options().start(), START);
    long end = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < end) {
      try (Wire wire = session.open()) {
        IdentityChecks.metadata(wire);
        return;
      } catch (StatusRuntimeException e) {
        Thread.sleep(Duration.ofMillis(200));
      }
    }
    findings.add("%d s after the start nothing answers on the stale socket", START.toSeconds());
  }

  private static void mode(Session session, Findings findings) throws IOException {
    Path path = path(session);
    int owner = (Integer) Files.getAttribute(path, "unix:uid");
    int wanted = session.options().postgresUid();
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
    boolean writable =
        wanted < 0 || wanted == owner
            ? mode.contains(PosixFilePermission.OWNER_WRITE)
            : mode.contains(PosixFilePermission.OTHERS_WRITE);
    findings.unless(
        writable,
        "owner is %d, mode is %s, user %d can't write",
        owner,
        java.nio.file.attribute.PosixFilePermissions.toString(mode),
        wanted < 0 ? owner : wanted);
  }

  private static void five(Session session, Findings findings) throws Exception {
    session.metadata();
    List<Wire> wires = new ArrayList<>();
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(Connections.POOL)) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < Connections.POOL; i++) {
        Wire wire = session.open();
        wires.add(wire);
        answers.add(
            threads.submit(
                () -> {
                  go.await();
                  try {
                    IdentityChecks.metadata(wire);
                    return "";
                  } catch (StatusRuntimeException e) {
                    return String.valueOf(e.getMessage());
                  }
                }));
      }
      go.countDown();
      for (int i = 0; i < answers.size(); i++) {
        String problem = answers.get(i).get();
        findings.unless(problem.isEmpty(), "connection %d of 5: %s", i + 1, problem);
      }
    } finally {
      wires.forEach(Wire::close);
    }
  }

  private static void idle(Session session, Findings findings) throws Exception {
    Duration idle = session.options().idle();
    try (Wire wire = session.open()) {
      session.fresh("GetPluginMetadata", () -> IdentityChecks.metadata(wire));
      Thread.sleep(idle);
      ConnectivityState state = wire.state();
      findings.unless(
          state == ConnectivityState.READY, "after %d ms it is %s", idle.toMillis(), state);
      IdentityChecks.metadata(wire);
    }
  }
}
