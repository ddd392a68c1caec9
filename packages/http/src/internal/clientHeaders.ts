import type { PlexClientInfo } from "@plex-auth/core/PlexClientInfo"
import { headerText } from "./headerText.js"

/** Who is asking, as headers. In the query they would end up in logs. */
export const clientHeaders = (client: PlexClientInfo.Service): Readonly<Record<string, string>> => {
  const names = {
    "x-plex-product": client.product,
    "x-plex-version": client.version,
    "x-plex-platform": client.platform,
    "x-plex-platform-version": client.platformVersion,
    "x-plex-device": client.device,
    "x-plex-device-name": client.deviceName,
    "x-plex-model": client.model,
    "x-plex-device-vendor": client.deviceVendor
  }
  return {
    ...(client.clientIdentifier === undefined ? {} : { "x-plex-client-identifier": client.clientIdentifier }),
    ...Object.fromEntries(
      Object.entries(names).flatMap(([header, name]) => (name === undefined ? [] : [[header, headerText(name)]]))
    )
  }
}
