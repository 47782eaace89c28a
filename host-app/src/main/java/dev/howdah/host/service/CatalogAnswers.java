package dev.howdah.host.service;

import dev.howdah.host.call.CallScope;
import dev.howdah.host.call.NotOffered;
import dev.howdah.host.call.Unavailable;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.Function;

/**
 * Answers from the catalogue, without running plugin code: a plugin that hangs is still loaded in
 * time.
 */
final class CatalogAnswers {

  private CatalogAnswers() {}

  /** Answers about the plugin of the current call, if it serves. */
  static <A> void answer(StreamObserver<A> observer, Function<HostedPlugin, A> answer) {
    PluginHandle handle = CallScope.current().plugin();
    Optional<HostedPlugin> serving = handle.serving();
    if (serving.isEmpty()) {
      observer.onError(Unavailable.of(handle).asRuntimeException());
      return;
    }
    observer.onNext(answer.apply(serving.get()));
    observer.onCompleted();
  }

  /** Answers {@code GetCapabilities} of a service, if the plugin declares that service. */
  static <A> void capabilities(
      StreamObserver<A> observer, ServiceCapability service, Function<Capabilities, A> answer) {
    CallScope scope = CallScope.current();
    Optional<HostedPlugin> serving = scope.plugin().serving();
    if (serving.isPresent() && !serving.get().capabilities().declares(service)) {
      observer.onError(
          Status.UNIMPLEMENTED
              .withDescription(new NotOffered(scope.plugin().name(), scope.service()).getMessage())
              .asRuntimeException());
      return;
    }
    answer(observer, plugin -> answer.apply(plugin.capabilities()));
  }
}
