//! Comparing what was recorded with what a member says.

use serde_json::Value;

/// Leaves out what is volatile, and puts in order what has none.
pub fn comparable(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        for volatile in ["uptime_seconds", "uptime_human", "friendly_name"] {
            object.remove(volatile);
        }
        object.values_mut().for_each(|each| *each = comparable(each.take()));
    }
    if let Some(array) = value.as_array_mut() {
        array.iter_mut().for_each(|each| *each = comparable(each.take()));
        if array.iter().all(Value::is_object) {
            array.sort_by_key(Value::to_string);
        }
    }
    value
}
