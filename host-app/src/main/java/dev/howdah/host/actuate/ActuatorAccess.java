package dev.howdah.host.actuate;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Who may see the actuator. On loopback everybody on the machine; where it listens wider, health
 * and Prometheus are for everybody and the rest is for callers with a client certificate.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class ActuatorAccess extends OncePerRequestFilter {

  private static final String CERTIFICATE = "jakarta.servlet.request.X509Certificate";

  private static final Pattern HEALTH_GROUP = Pattern.compile("/actuator/health(/[A-Za-z0-9_-]+)+");

  private final boolean loopback;

  ActuatorAccess(Environment environment) {
    this.loopback = isLoopback(environment.getProperty("server.address", ""));
  }

  private static boolean isLoopback(String address) {
    try {
      return !address.isEmpty() && InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (loopback || isForEverybody(request.getRequestURI()) || hasCertificate(request)) {
      chain.doFilter(request, response);
      return;
    }
    response.setStatus(HttpServletResponse.SC_FORBIDDEN);
    response.setContentType("text/plain;charset=UTF-8");
    response
        .getWriter()
        .println(
            "Only /actuator/health and /actuator/prometheus are open here. For the rest, ask on the"
                + " loopback address, or set up server.ssl with a client certificate.");
  }

  /** By the plainest spelling only, so that no path leads from here to somewhere else. */
  private static boolean isForEverybody(String uri) {
    return uri.equals("/actuator/prometheus")
        || uri.equals("/actuator/health")
        || HEALTH_GROUP.matcher(uri).matches();
  }

  private static boolean hasCertificate(HttpServletRequest request) {
    return request.getAttribute(CERTIFICATE) instanceof Object[] chain && chain.length > 0;
  }
}
