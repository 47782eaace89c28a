package dev.howdah.host.catalog;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * All plugins of the host. Reads are lock-free and see a consistent table; plugins are added while
 * the host starts.
 *
 * <p>Names are unique: {@link #add} tells when an id, a name or an alias is taken.
 */
public final class PluginCatalog {

  private record Table(List<PluginHandle> all, Map<String, PluginHandle> byAddress) {}

  private final Clock clock;
  private final List<PluginHandle.Listener> listeners;
  private volatile Table table = new Table(List.of(), Map.of());

  /**
   * Makes an empty catalogue.
   *
   * @param clock tells when states change
   * @param listeners are told of every state change
   */
  public PluginCatalog(Clock clock, List<PluginHandle.Listener> listeners) {
    this.clock = clock;
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Adds a plugin in state {@link PluginState#DISCOVERED}. If its id, its name or an alias is
   * another plugin's it is added as {@link PluginState#REJECTED} instead, and answers to no name.
   */
  public synchronized PluginHandle add(PluginDescriptor descriptor) {
    PluginHandle handle = new PluginHandle(descriptor, clock, listeners);
    Optional<Problem> conflict = conflict(descriptor);
    List<PluginHandle> all = new ArrayList<>(table.all());
    all.add(handle);
    all.sort(Comparator.comparing(PluginHandle::name).thenComparing(PluginHandle::id));
    Map<String, PluginHandle> byAddress = new HashMap<>(table.byAddress());
    if (conflict.isEmpty()) {
      descriptor.addresses().stream()
          .filter(address -> !address.isEmpty())
          .forEach(address -> byAddress.put(address, handle));
    }
    table = new Table(List.copyOf(all), Map.copyOf(byAddress));
    conflict.ifPresent(problem -> handle.end(PluginState.REJECTED, problem));
    return handle;
  }

  /** Adds a candidate that was refused; it answers to no name. */
  public synchronized PluginHandle addRejected(PluginDescriptor descriptor, Problem problem) {
    PluginHandle handle = new PluginHandle(descriptor, clock, listeners);
    List<PluginHandle> all = new ArrayList<>(table.all());
    all.add(handle);
    all.sort(Comparator.comparing(PluginHandle::name).thenComparing(PluginHandle::id));
    table = new Table(List.copyOf(all), table.byAddress());
    handle.end(PluginState.REJECTED, problem);
    return handle;
  }

  private Optional<Problem> conflict(PluginDescriptor descriptor) {
    for (PluginHandle other : table.all()) {
      if (other.state() != PluginState.REJECTED && other.id().equals(descriptor.id())) {
        return Optional.of(
            new Problem(
                "The id '%s' is already taken by %s."
                    .formatted(descriptor.id(), other.descriptor().source()),
                "Remove one of the two, or give one another id in its manifest."));
      }
    }
    for (String address : descriptor.addresses()) {
      PluginHandle other = table.byAddress().get(address);
      if (other != null) {
        return Optional.of(
            new Problem(
                "The name '%s' is already taken by the plugin '%s' from %s."
                    .formatted(address, other.id(), other.descriptor().source()),
                "Remove one of the two, or change the name or the alias."));
      }
    }
    return Optional.empty();
  }

  /**
   * Finds a plugin by its name or an alias.
   *
   * @param address in any case
   */
  public Optional<PluginHandle> find(String address) {
    return Optional.ofNullable(table.byAddress().get(address.toLowerCase(Locale.ROOT)));
  }

  /** Finds a plugin by its id. */
  public Optional<PluginHandle> byId(String id) {
    return table.all().stream()
        .filter(plugin -> plugin.id().equals(id) && plugin.state() != PluginState.REJECTED)
        .findFirst();
  }

  /** Every plugin, rejected ones too, sorted by name. */
  public Collection<PluginHandle> all() {
    return table.all();
  }

  /** Names of the plugins that calls can ask for, sorted. */
  public List<String> names() {
    return table.byAddress().values().stream().map(PluginHandle::name).distinct().sorted().toList();
  }
}
