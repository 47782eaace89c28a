package dev.howdah.host.call;

import com.google.protobuf.ByteString;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * One call on its way through a plugin's hook, as the service's translation sees it: which plugin,
 * and the means to decode the request. Used by one thread at a time.
 */
public final class HookCall {

  private final PluginHandle handle;
  private final HostedPlugin plugin;
  private final Rpc rpc;
  private final ParameterBinder binder;
  private final HookTime time;
  private volatile String clusterName = "";

  HookCall(
      PluginHandle handle, HostedPlugin plugin, Rpc rpc, ParameterBinder binder, HookTime time) {
    this.handle = handle;
    this.plugin = plugin;
    this.rpc = rpc;
    this.binder = binder;
    this.time = time;
  }

  /** The plugin. */
  public HostedPlugin plugin() {
    return plugin;
  }

  /** The plugin's place in the catalogue. */
  public PluginHandle handle() {
    return handle;
  }

  /** The plugin's name. */
  public String pluginName() {
    return plugin.metadata().name();
  }

  /** The RPC. */
  public Rpc rpc() {
    return rpc;
  }

  /** {@code namespace/name} of the Cluster that the call is about; empty until it is decoded. */
  public String clusterName() {
    return clusterName;
  }

  HookTime time() {
    return time;
  }

  /**
   * Decodes the Cluster of the request.
   *
   * @throws BadRequest if it can't be
   */
  public Cluster cluster(ByteString json) {
    Cluster cluster = decode(json, Cluster::decode);
    about(cluster);
    return cluster;
  }

  /** Takes note of the Cluster that the call is about, where the request doesn't hold it. */
  public void about(Cluster cluster) {
    clusterName = cluster.qualifiedName();
    MDC.put("cluster", clusterName);
    TraceStep.current().cluster(clusterName);
  }

  /**
   * Decodes a Backup of the request.
   *
   * @throws BadRequest if it can't be
   */
  public Backup backup(ByteString json) {
    return decode(json, Backup::decode);
  }

  /**
   * Decodes a part of the request.
   *
   * @throws BadRequest if the decoder finds it invalid
   */
  public <T> T decode(ByteString json, Function<byte[], T> decoder) {
    try {
      return decoder.apply(json.toByteArray());
    } catch (PluginException e) {
      throw new BadRequest(String.valueOf(e.getMessage()), e);
    }
  }

  /** The context of a hook. */
  public CallContext context(Cluster cluster) {
    return contextFor(cluster, null);
  }

  /** The context of a lifecycle hook. */
  public CallContext context(Cluster cluster, LifecycleOperation operation) {
    return contextFor(cluster, operation);
  }

  private CallContext contextFor(Cluster cluster, @Nullable LifecycleOperation operation) {
    try {
      return new CallContext(
          cluster, pluginName(), binder, time, plugin.threads()::cancelled, operation);
    } catch (PluginException e) {
      // The Cluster's own list of plugins is malformed: the request's fault, not the plugin's.
      throw new BadRequest(String.valueOf(e.getMessage()), e);
    }
  }
}
