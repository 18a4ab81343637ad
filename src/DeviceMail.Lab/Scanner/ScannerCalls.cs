using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Scanner;

/// <summary>The scanner as it lies there. Switches have calls of their own.</summary>
public sealed record ScannerState(Uri Address, Uri? HttpsAddress, int Sheets, int Load, bool Jammed, IReadOnlyList<string> Scanned);

/// <summary>POST /api/scanner/load.</summary>
public sealed record ScannerLoad(int Sheets);

/// <summary>The JSON side of the scanner: what a person does at it.</summary>
public sealed class ScannerCalls(PretendScanner scanner)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/scanner", IResult () => State());
        routes.MapPost("/api/scanner/load", Task<IResult> (HttpContext c) => LoadAsync(c));
        routes.MapPost("/api/scanner/clear", IResult () =>
        {
            scanner.ClearJam();
            return State();
        });
    }

    private async Task<IResult> LoadAsync(HttpContext c)
    {
        if (await c.Request.ReadFromJsonAsync(ScannerJson.Default.ScannerLoad, c.RequestAborted) is not { Sheets: >= 0 } load)
            return Results.BadRequest();
        scanner.Load(load.Sheets);
        return State();
    }

    private IResult State() => Results.Json(
        new ScannerState(scanner.Address, scanner.HttpsAddress, scanner.SheetsInFeeder, scanner.FeederLoad, scanner.Jammed, [.. scanner.Scanned.Select(page => page.Text)]),
        ScannerJson.Default.ScannerState);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ScannerState))]
[JsonSerializable(typeof(ScannerLoad))]
public sealed partial class ScannerJson : JsonSerializerContext;
