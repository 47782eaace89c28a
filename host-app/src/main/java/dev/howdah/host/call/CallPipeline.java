package dev.howdah.host.call;

import dev.howdah.host.route.Router;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/**
 * The order in which a call passes the host:
 *
 * <ol>
 *   <li>{@link RouteStep} finds its plugin, or refuses it;
 *   <li>{@link MeterStep} counts and times it;
 *   <li>{@link DecodeStep} refuses it if its message can't be decoded;
 *   <li>the service translates it and hands the hook to {@link HookRunner}, which
 *       <ol>
 *         <li>admits it to the plugin's own threads, or refuses it when these are taken,
 *         <li>limits its time,
 *         <li>runs the hook with the plugin's name, the method and the Cluster in every log line,
 *         <li>guards the answer, and
 *         <li>answers, by the plugin's fail policy if the hook failed.
 *       </ol>
 * </ol>
 *
 * Identity and capabilities come from the catalogue: they pass the first three steps and run no
 * plugin code.
 */
public final class CallPipeline {

  private final List<ServerInterceptor> steps;

  /**
   * Sets the pipeline up.
   *
   * @param router finds plugins
   * @param meters takes the figures
   */
  public CallPipeline(Router router, MeterRegistry meters) {
    this.steps = List.of(new RouteStep(router, meters), new MeterStep(meters), new DecodeStep());
  }

  /** The steps up to the service, the first one outermost. */
  public List<ServerInterceptor> steps() {
    return steps;
  }
}
