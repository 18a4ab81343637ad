using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Graph;

/// <summary>Reads the body of a request up to Graph's 4 MB.</summary>
public static class RequestBody
{
    public const int Limit = 4 * 1024 * 1024;

    /// <summary>Null when it is larger; the rest is read all the same, so that the client gets the answer.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext c)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        var total = 0L;
        int count;
        while ((count = await c.Request.Body.ReadAsync(buffer, c.RequestAborted)) > 0)
        {
            total += count;
            if (total <= Limit)
                bytes.Write(buffer, 0, count);
        }

        return total <= Limit ? bytes.ToArray() : null;
    }

    public static async Task<(T? Value, GraphRefusal? Refusal)> ReadJsonAsync<T>(HttpContext c, JsonTypeInfo<T> type) where T : class
    {
        if (await ReadAsync(c) is not { } bytes)
            return (null, GraphRefusal.RequestTooLarge);
        try
        {
            return JsonSerializer.Deserialize(bytes, type) is { } value ? (value, null) : (null, GraphRefusal.BadJson);
        }
        catch (JsonException)
        {
            return (null, GraphRefusal.BadJson);
        }
    }
}
