package io.cityseg.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** A storage that lets a test see or disturb the calls to another. */
final class Interception {
  private Interception() {}

  /** Counts the calls of each method. */
  static ObjectStorage counting(Map<String, Integer> calls, ObjectStorage objects) {
    return around(objects, method -> calls.merge(method, 1, Integer::sum));
  }

  /** Does something before every call of a method. */
  static ObjectStorage before(String method, ObjectStorage objects, Callable<?> disturbance) {
    return around(
        objects,
        called -> {
          if (called.equals(method)) {
            try {
              disturbance.call();
            } catch (Exception e) {
              throw new AssertionError("The disturbance itself failed", e);
            }
          }
        });
  }

  private static ObjectStorage around(ObjectStorage objects, Consumer<String> listener) {
    return (ObjectStorage)
        Proxy.newProxyInstance(
            ObjectStorage.class.getClassLoader(),
            new Class<?>[] {ObjectStorage.class},
            (proxy, method, arguments) -> {
              listener.accept(method.getName());
              try {
                return method.invoke(objects, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
