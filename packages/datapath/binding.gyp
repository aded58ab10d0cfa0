{
  'targets': [
    {
      'target_name': 'causeway_datapath',
      'sources': [
        'native/acknowledgement.cc',
        'native/addon.cc',
        'native/addon-values.cc',
        'native/checksum.cc',
        'native/coalesce.cc',
        'native/compression-framing.cc',
        'native/data-cipher.cc',
        'native/ecn.cc',
        'native/engine.cc',
        'native/epoch-keys.cc',
        'native/esp-format.cc',
        'native/esp-sa.cc',
        'native/event-queue.cc',
        'native/flow-events.cc',
        'native/flow-timers.cc',
        'native/inbound.cc',
        'native/ip-packet.cc',
        'native/ipv4-fragment.cc',
        'native/lpm.cc',
        'native/message-control.cc',
        'native/openvpn-data.cc',
        'native/outbound.cc',
        'native/replay-window.cc',
        'native/segment.cc',
        'native/send-batch.cc',
        'native/stream-framer.cc',
        'native/stream-output.cc',
        'native/stream-pump.cc',
        'native/test-tun.cc',
        'native/too-big.cc',
        'native/traffic-selector.cc',
        'native/tun-device.cc',
        'native/udp-port.cc',
        'native/worker.cc'
      ],
      'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS'],
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20', '-O3'],
      'cflags_cc': ['-std=c++20', '-O2', '-Wall', '-Wextra', '-fvisibility=hidden', '-pthread']
    }
  ]
}
