using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace DeviceMail.Storage;

/// <summary>
/// Records that are kept as JSON, read so that what an earlier version wrote has the fields of this one. The generated reader leaves a field that is
/// not in the text null, whatever its initializer says.
/// </summary>
public sealed class StoredJson<T>(JsonTypeInfo<T> type, T blank) where T : class
{
    private readonly string _blank = JsonSerializer.Serialize(blank, type);

    /// <exception cref="JsonException">It is not such a record.</exception>
    public T Read(string stored)
    {
        var whole = JsonNode.Parse(_blank)!.AsObject();
        Put(whole, JsonNode.Parse(stored)?.AsObject() ?? throw new JsonException("The record is empty."));
        return whole.Deserialize(type) ?? throw new JsonException("The record is empty.");
    }

    public string Write(T record) => JsonSerializer.Serialize(record, type);

    private static void Put(JsonObject into, JsonObject stored)
    {
        foreach (var (name, value) in stored)
        {
            if (value is JsonObject inner && into[name] is JsonObject known) Put(known, inner);
            else if (value is not null || into[name] is null) into[name] = value?.DeepClone();
        }
    }
}
