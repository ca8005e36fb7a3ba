// The engine worker of the package, bundled beside the page.

import "trellis-host/worker";
