"""Every table of the house in one metadata, for migrations and for tests of drift."""

from types import ModuleType

from creator_tools.access import models as access
from creator_tools.catalogue import models as catalogue
from creator_tools.columns import models as columns
from creator_tools.creators import models as creators
from creator_tools.fan_groups import models as fan_groups
from creator_tools.kernel import models as kernel
from creator_tools.kernel.database import Model
from creator_tools.ledger import models as ledger
from creator_tools.media import models as media
from creator_tools.messaging import models as messaging
from creator_tools.operators import models as operators
from creator_tools.orders import models as orders
from creator_tools.payouts import models as payouts
from creator_tools.people import models as people
from creator_tools.reconciliation import models as reconciliation
from creator_tools.refunds import models as refunds
from creator_tools.sharing import models as sharing
from creator_tools.splits import models as splits
from creator_tools.studio import models as studio
from creator_tools.works import models as works

CAPABILITIES: tuple[ModuleType, ...] = (
    kernel,
    ledger,
    people,
    operators,
    creators,
    columns,
    media,
    works,
    catalogue,
    access,
    fan_groups,
    orders,
    payouts,
    refunds,
    splits,
    reconciliation,
    sharing,
    messaging,
    studio,
)
METADATA = Model.metadata
