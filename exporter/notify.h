// Tells systemd how the service is doing: one datagram to $NOTIFY_SOCKET, as sd_notify(3) describes.
#pragma once

#include <string_view>

namespace tailmeter {

// Sends `state`, such as "READY=1". Does nothing when the program was not started as Type=notify.
void notify_systemd(std::string_view state);

// That a reload begins; "READY=1" ends it. With the time that Type=notify-reload asks for, from systemd 253 on.
void notify_systemd_of_reload();

}  // namespace tailmeter
