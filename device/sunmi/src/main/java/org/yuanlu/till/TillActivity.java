package org.yuanlu.till;

import android.app.Activity;
import android.bluetooth.BluetoothAdapter;
import android.bluetooth.BluetoothDevice;
import android.bluetooth.BluetoothSocket;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.os.Build;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import android.util.Base64;
import android.webkit.JavascriptInterface;
import android.webkit.PermissionRequest;
import android.webkit.WebChromeClient;
import android.webkit.WebSettings;
import android.webkit.WebView;
import android.webkit.WebViewClient;
import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.json.JSONObject;

/**
 * The till in a WebView on a Sunmi device, with the functions that its page knows as {@code YuanluNative}. Nothing here
 * knows of money: it carries codes in and paper out.
 *
 * <p>Public facts it stands on: Sunmi's printer is a Bluetooth device of its own, bonded at the factory under the name
 * InnerPrinter, which takes ESC/POS over the serial port profile; the scan head sends a broadcast
 * com.sunmi.scanner.ACTION_DATA_CODE_RECEIVED with the code in the extra "data".
 */
public final class TillActivity extends Activity {
  private static final String SCANNED = "com.sunmi.scanner.ACTION_DATA_CODE_RECEIVED";
  private static final String PRINTER = "InnerPrinter";
  private static final UUID SERIAL_PORT = UUID.fromString("00001101-0000-1000-8000-00805F9B34FB");

  private final Handler main = new Handler(Looper.getMainLooper());
  /** One slip after the other: the printer takes one connection. */
  private final ExecutorService paper = Executors.newSingleThreadExecutor();
  private WebView page;

  private final BroadcastReceiver scanner =
      new BroadcastReceiver() {
        @Override
        public void onReceive(Context context, Intent intent) {
          String code = intent.getStringExtra("data");
          if (code != null) call("yuanluCode", code);
        }
      };

  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    page = new WebView(this);
    WebSettings settings = page.getSettings();
    settings.setJavaScriptEnabled(true);
    settings.setDomStorageEnabled(true);
    settings.setMediaPlaybackRequiresUserGesture(false);
    page.addJavascriptInterface(new Shell(), "YuanluNative");
    page.setWebViewClient(
        new WebViewClient() {
          @Override
          @SuppressWarnings("deprecation")
          public boolean shouldOverrideUrlLoading(WebView view, String url) {
            // The functions above are for the till's own page and for no other.
            return !url.startsWith(getString(R.string.till_url));
          }
        });
    page.setWebChromeClient(
        new WebChromeClient() {
          @Override
          public void onPermissionRequest(PermissionRequest request) {
            if (getString(R.string.till_url).startsWith(request.getOrigin().toString())) {
              request.grant(request.getResources());
            } else {
              request.deny();
            }
          }
        });
    setContentView(page);
    page.loadUrl(getString(R.string.till_url));
  }

  @Override
  protected void onResume() {
    super.onResume();
    IntentFilter filter = new IntentFilter(SCANNED);
    if (Build.VERSION.SDK_INT >= 33) {
      registerReceiver(scanner, filter, 2 /* Context.RECEIVER_EXPORTED: the scan head is another app */);
    } else {
      registerReceiver(scanner, filter);
    }
  }

  @Override
  protected void onPause() {
    unregisterReceiver(scanner);
    super.onPause();
  }

  @Override
  public void onBackPressed() {
    if (page.canGoBack()) page.goBack();
    else super.onBackPressed();
  }

  private void call(String function, String... texts) {
    StringBuilder script = new StringBuilder("window." + function + " && window." + function + "(");
    for (int at = 0; at < texts.length; at++) {
      if (at > 0) script.append(',');
      script.append(JSONObject.quote(texts[at]));
    }
    script.append(')');
    main.post(() -> page.evaluateJavascript(script.toString(), null));
  }

  @SuppressWarnings("MissingPermission")
  private static BluetoothDevice printer() {
    BluetoothAdapter adapter = BluetoothAdapter.getDefaultAdapter();
    if (adapter == null || !adapter.isEnabled()) return null;
    for (BluetoothDevice device : adapter.getBondedDevices()) {
      if (PRINTER.equals(device.getName())) return device;
    }
    return null;
  }

  /** What the page may call; see web/till/device/android-shell.ts. */
  private final class Shell {
    @JavascriptInterface
    public String parts() {
      return printer() == null ? "scan" : "scan printer drawer";
    }

    @JavascriptInterface
    public String model() {
      return Build.MANUFACTURER + " " + Build.MODEL;
    }

    /** Over Bluetooth the printer does not say how it stands; it is asked by printing. */
    @JavascriptInterface
    public String printerStatus() {
      return printer() == null ? "absent" : "unknown";
    }

    @JavascriptInterface
    public void print(String ticket, String escpos) {
      byte[] bytes = Base64.decode(escpos, Base64.DEFAULT);
      paper.execute(() -> call("yuanluAnswer", ticket, send(bytes) ? "printed" : "failed"));
    }

    /** The pulse that opens a drawer at the printer's own socket. */
    @JavascriptInterface
    public void openDrawer() {
      paper.execute(() -> send(new byte[] {0x1b, 0x70, 0x00, 0x19, (byte) 0xfa}));
    }

    @SuppressWarnings("MissingPermission")
    private boolean send(byte[] bytes) {
      BluetoothDevice device = printer();
      if (device == null) return false;
      try (BluetoothSocket socket = device.createRfcommSocketToServiceRecord(SERIAL_PORT)) {
        socket.connect();
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
        return true;
      } catch (IOException broken) {
        return false;
      }
    }
  }
}
