package dev.howdah.host.route;

import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.listen.Connection;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the plugin that a call is for: by the socket it came in on, else by its authority, which
 * must equal the TLS server name; tools may name it in a header. Thread-safe; the cost doesn't
 * depend on the number of plugins.
 */
public final class Router {

  private static final int NAMES_IN_MESSAGE = 20;

  private final PluginCatalog catalog;
  private final boolean headerAllowed;

  /**
   * Makes a router.
   *
   * @param catalog the plugins
   * @param headerAllowed whether tools may name the plugin in a header
   */
  public Router(PluginCatalog catalog, boolean headerAllowed) {
    this.catalog = catalog;
    this.headerAllowed = headerAllowed;
  }

  /** Where a call goes. */
  public sealed interface Decision {
    /** To a plugin. */
    record To(PluginHandle plugin) implements Decision {}

    /** Nowhere. */
    record No(Refused refused) implements Decision {}
  }

  /**
   * Decides.
   *
   * @param connection the connection the call came in on
   * @param authority its {@code :authority}, or null if it has none
   * @param header the {@code howdah-plugin} header, or null if it has none
   */
  public Decision decide(
      Connection connection, @Nullable String authority, @Nullable String header) {
    if (header != null && !headerAllowed) {
      return refuse(
          "header",
          Status.INVALID_ARGUMENT,
          "The howdah-plugin header isn't accepted here; call the plugin by its server name.");
    }
    return switch (connection) {
      case Connection.Socket socket -> bySocket(socket, header);
      case Connection.Tcp tcp -> byAuthority(tcp, authority == null ? "" : authority, header);
    };
  }

  private Decision bySocket(Connection.Socket socket, @Nullable String header) {
    Optional<PluginHandle> plugin = catalog.find(socket.pluginName());
    if (plugin.isEmpty()) {
      return unknown(socket.pluginName());
    }
    return agreeing(plugin.get(), header, "the socket is of '" + plugin.get().name() + "'");
  }

  private Decision byAuthority(Connection.Tcp tcp, String raw, @Nullable String header) {
    Authority authority = Authority.of(raw);
    Optional<String> serverName = tcp.serverName().map(name -> Authority.of(name).host());
    if (serverName.isPresent() && !serverName.get().equals(authority.host())) {
      return refuse(
          "server-name",
          Status.INVALID_ARGUMENT,
          "The call's authority '%s' isn't the TLS server name '%s'; send the same in both."
              .formatted(authority.host(), serverName.get()));
    }
    if (serverName.isEmpty() && !authority.ipLiteral()) {
      return refuse(
          "server-name",
          Status.INVALID_ARGUMENT,
          "The TLS handshake named no server, but the call's authority is '%s'; send it as server name (SNI)."
              .formatted(authority.host()));
    }
    Optional<PluginHandle> plugin = catalog.find(authority.host());
    if (plugin.isPresent()) {
      return agreeing(plugin.get(), header, "the server name is of '" + plugin.get().name() + "'");
    }
    if (header != null) {
      Optional<PluginHandle> named = catalog.find(header);
      return named.isPresent() ? new Decision.To(named.get()) : unknown(header);
    }
    return unknown(authority.host());
  }

  private Decision agreeing(PluginHandle plugin, @Nullable String header, String because) {
    if (header == null || catalog.find(header).filter(plugin::equals).isPresent()) {
      return new Decision.To(plugin);
    }
    return refuse(
        "header",
        Status.INVALID_ARGUMENT,
        "The howdah-plugin header says '%s', but %s.".formatted(printable(header), because));
  }

  private Decision unknown(String name) {
    List<String> names = catalog.names();
    String known =
        names.size() <= NAMES_IN_MESSAGE
            ? String.join(", ", names)
            : String.join(", ", names.subList(0, NAMES_IN_MESSAGE))
                + " and "
                + (names.size() - NAMES_IN_MESSAGE)
                + " more";
    return refuse(
        "unknown-plugin",
        Status.UNIMPLEMENTED,
        ("No plugin is called '%s' here; there are: %s. Set the annotation cnpg.io/pluginServerName"
                + " of the Service to the plugin's name, or add the name to"
                + " howdah.plugins.<id>.aliases.")
            .formatted(printable(name), known.isEmpty() ? "none" : known));
  }

  private static String printable(String name) {
    String clean = name.replaceAll("[^\\x21-\\x7e]", "?");
    return clean.length() > 80 ? clean.substring(0, 80) + "..." : clean;
  }

  private static Decision refuse(String reason, Status status, String message) {
    return new Decision.No(new Refused(reason, status.withDescription(message)));
  }
}
