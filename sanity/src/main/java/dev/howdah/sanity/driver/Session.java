package dev.howdah.sanity.driver;

import com.google.protobuf.ByteString;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.GetPluginMetadataResponse;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleResponse;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.sanity.Options;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.UnreachableException;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One plugin under test: its connection, what it said about itself, and the objects to send it.
 * Used from one thread, except where a method says otherwise.
 */
public final class Session implements AutoCloseable {
  private static final int CONNECT_MILLIS = 5_000;

  private final Target target;
  private final List<Target> all;
  private final Options options;
  private final Endpoint endpoint;
  private final Map<String, Object> known = new HashMap<>();
  private @Nullable Wire wire;
  private @Nullable Path ownScratch;

  /**
   * Prepares to test; dials nothing yet.
   *
   * @param target the plugin under test
   * @param all every plugin of this run, the one under test included
   * @param options how to test
   */
  public Session(Target target, List<Target> all, Options options) {
    this.target = target;
    this.all = List.copyOf(all);
    this.options = options;
    this.endpoint = new Endpoint(target, options.timeout());
  }

  /**
   * Finds out whether anything listens.
   *
   * @throws UnreachableException if nothing does
   */
  public void reach() throws UnreachableException {
    try {
      switch (target) {
        case Target.Tcp tcp -> {
          Credentials.of(tcp.cert(), tcp.key());
          Credentials.certificates(tcp.ca());
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(tcp.host(), tcp.port()), CONNECT_MILLIS);
          }
        }
        case Target.Socket socket -> {
          if (!Files.exists(socket.path(), LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("there is no such socket");
          }
          if (!connects()) {
            throw new IOException("nothing answers on that socket");
          }
        }
      }
    } catch (IOException | UndecidedException e) {
      throw new UnreachableException(
          "cannot connect to "
              + target.display()
              + ": "
              + e.getMessage()
              + ". Is the plugin running and is the target right?",
          e);
    }
  }

  /** Whether a gRPC connection, TLS included, comes up. */
  public boolean connects() {
    return given("connection", () -> up(wire()));
  }

  private static boolean up(Wire wire) throws InterruptedException {
    ManagedChannel channel = (ManagedChannel) wire.channel();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CONNECT_MILLIS);
    ConnectivityState state = channel.getState(true);
    while (state != ConnectivityState.READY
        && state != ConnectivityState.TRANSIENT_FAILURE
        && System.nanoTime() < end) {
      CountDownLatch changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(state, changed::countDown);
      changed.await(CONNECT_MILLIS, TimeUnit.MILLISECONDS);
      state = channel.getState(true);
    }
    return state == ConnectivityState.READY;
  }

  /** The plugin under test. */
  public Target target() {
    return target;
  }

  /** Every plugin of this run. */
  public List<Target> all() {
    return all;
  }

  /** How to test. */
  public Options options() {
    return options;
  }

  /** The connection that most checks share. */
  public Wire wire() {
    if (wire == null) {
      wire = endpoint.open();
    }
    return wire;
  }

  /** One more connection like the shared one; the caller closes it. */
  public Wire open() {
    return endpoint.open();
  }

  /** The way to connections that differ from the operator's. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Something that a check builds upon but does not test. It is found out once and remembered.
   *
   * @param name what it is called
   * @param call how to find it out
   * @throws UndecidedException if it can't be found out, which is for another check to report
   */
  public <T> T given(String name, Callable<T> call) {
    Object found = known.get(name);
    if (found == null) {
      try {
        found = call.call();
      } catch (UndecidedException e) {
        throw e;
      } catch (Exception e) {
        found = new UndecidedException(name + " is not known here: " + e.getMessage());
      }
      known.put(name, found);
    }
    if (found instanceof UndecidedException undecided) {
      throw undecided;
    }
    @SuppressWarnings("unchecked") // each name is used with one type
    T value = (T) found;
    return value;
  }

  /**
   * As {@link #given}, but found out anew each time.
   *
   * @param name what it is called
   * @param call how to find it out
   */
  public <T> T fresh(String name, Callable<T> call) {
    try {
      return call.call();
    } catch (UndecidedException e) {
      throw e;
    } catch (Exception e) {
      throw new UndecidedException(name + " failed: " + e.getMessage());
    }
  }

  /** What the plugin says about itself. */
  public GetPluginMetadataResponse metadata() {
    return given(
        "the plugin's metadata",
        () -> wire().identity().getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance()));
  }

  /** What the plugin offers. */
  public Offer offer() {
    return given("the plugin's list of capabilities", () -> Offer.read(wire()));
  }

  /** The name that a Cluster uses for the plugin: the registered one, else the one it gives. */
  public String name() {
    return target.registeredName().isEmpty() ? metadata().getName() : target.registeredName();
  }

  /** The objects to send. */
  public Objects objects() {
    return given(
        "objects",
        () -> {
          Offer offer;
          String version;
          try {
            offer = offer();
            version = metadata().getVersion();
          } catch (UndecidedException e) {
            offer = null;
            version = "";
          }
          return new Objects(name(), version, offer, options);
        });
  }

  /** A healthy Cluster that uses the plugin, as sent. */
  public ByteString cluster() {
    return Json.print(objects().cluster());
  }

  /**
   * Calls the lifecycle hook.
   *
   * @param verb the verb
   * @param cluster the Cluster
   * @param object the object that the verb is about
   * @return the answer as it came
   * @throws StatusRuntimeException if the plugin refuses
   */
  public ByteString hook(OperatorOperationType.Type verb, ObjectNode cluster, ObjectNode object) {
    OperatorLifecycleResponse response =
        wire()
            .lifecycle()
            .lifecycleHook(
                OperatorLifecycleRequest.newBuilder()
                    .setOperationType(OperatorOperationType.newBuilder().setType(verb))
                    .setClusterDefinition(Json.print(cluster))
                    .setObjectDefinition(Json.print(object))
                    .build());
    return response.getJsonPatch();
  }

  /**
   * The object after the lifecycle hook, for checks whose subject is not the hook's success.
   *
   * @param verb the verb
   * @param cluster the Cluster
   * @param object the object that the verb is about
   */
  public ObjectNode hooked(OperatorOperationType.Type verb, ObjectNode cluster, ObjectNode object) {
    return fresh(
        "LifecycleHook " + verb + " on " + object.path("kind").asString(""),
        () -> Patch.apply(object, hook(verb, cluster, object)));
  }

  /** A folder that the plugin sees at the same path. */
  public Path scratch() {
    Path given = options.scratch();
    if (given != null) {
      return given;
    }
    if (ownScratch == null) {
      try {
        ownScratch = Files.createTempDirectory("howdah-sanity");
      } catch (IOException e) {
        throw new UndecidedException("no scratch folder: " + e.getMessage());
      }
    }
    return ownScratch;
  }

  /**
   * Runs a command of the user's.
   *
   * @param command a line for the shell
   * @param limit how long it may take
   */
  public static void command(String command, Duration limit) throws InterruptedException {
    try {
      Process process = new ProcessBuilder("/bin/sh", "-c", command).inheritIO().start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new UndecidedException("the command took too long: " + command);
      }
      if (process.exitValue() != 0) {
        throw new UndecidedException(
            "the command ended with " + process.exitValue() + ": " + command);
      }
    } catch (IOException e) {
      throw new UndecidedException("the command can't be run: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    if (wire != null) {
      wire.close();
    }
    endpoint.close();
    if (ownScratch != null) {
      try (Stream<Path> files = Files.walk(ownScratch)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        // Left for whoever cleans the temporary folder.
        ownScratch = null;
      }
    }
  }
}
