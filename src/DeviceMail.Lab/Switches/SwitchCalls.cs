using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Switches;

public sealed record SwitchRow(string Name, string Title, string Explanation, string Kind, string Value);

/// <summary>POST /api/switches/{name}: the value may be text, a number, true, false or null.</summary>
public sealed record SwitchChange(JsonElement Value)
{
    public string Text => Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? "" : Value.ToString();
}

/// <summary>The JSON side of the switches.</summary>
public sealed class SwitchCalls(LabSwitches switches)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/switches", IResult () => Results.Json([.. SwitchTable.Rows.Select(RowOf)], SwitchJson.Default.SwitchRowArray));
        routes.MapPost("/api/switches/{name}", Task<IResult> (HttpContext c, string name) => ChangeAsync(c, name));
        routes.MapDelete("/api/switches", IResult () =>
        {
            switches.Reset();
            return Results.NoContent();
        });
    }

    private async Task<IResult> ChangeAsync(HttpContext c, string name)
    {
        if (SwitchTable.Find(name) is not { } row)
            return Results.NotFound();
        var change = await c.Request.ReadFromJsonAsync(SwitchJson.Default.SwitchChange, c.RequestAborted);
        return change is not null && row.Write(switches, change.Text)
            ? Results.Json(RowOf(row), SwitchJson.Default.SwitchRow)
            : Results.BadRequest();
    }

    private SwitchRow RowOf(LabSwitch row) => new(row.Name, row.Title, row.Explanation, row.Kind.ToString().ToLowerInvariant(), row.Read(switches));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SwitchRow[]))]
[JsonSerializable(typeof(SwitchChange))]
public sealed partial class SwitchJson : JsonSerializerContext;
