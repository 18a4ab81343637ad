using System.CommandLine;
using System.Text.Json.Serialization;
using DeviceMail.Control;

namespace DeviceMail.Web;

/// <summary>A new claim code, and what the browser will show of the gateway's certificate.</summary>
public sealed record ClaimOffer(string Code, DateTimeOffset Until, string Fingerprint)
{
    /// <summary>Where Web Config is; null when no service runs.</summary>
    public required string? Address { get; init; }

    /// <summary>Whether the code sets a forgotten password anew, rather than claims a new gateway.</summary>
    public required bool Resets { get; init; }
}

internal static class ClaimControl
{
    public static void Map(RouteGroupBuilder control) => control.MapPost("/claim", IResult (HttpContext context) =>
        Results.Json(Offer(context.RequestServices, context.RequestServices.GetRequiredService<Claim>().MakeCode()), ClaimJson.Default.ClaimOffer));

    public static ClaimOffer Offer(IServiceProvider services, ClaimCode code)
    {
        var claim = services.GetRequiredService<Claim>();
        return new ClaimOffer(code.Text, code.Until, services.GetRequiredService<ServerCertificate>().Fingerprint)
        {
            Address = WebAddress.Of(services),
            Resets = claim.IsClaimed,
        };
    }
}

public static class ClaimCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("claim", "Print a code that makes a new gateway yours, or resets a forgotten password");
        frame.Run(command, async run =>
        {
            var offer = await run.Client.PostAsync("/control/claim", new Done(""), ControlJson.Default.Done, ClaimJson.Default.ClaimOffer);
            run.Print(offer, ClaimJson.Default.ClaimOffer, Print);
        });
        return command;
    }

    public static void Print(ClaimOffer offer, TextWriter to)
    {
        var purpose = offer.Resets ? "sets a new administrator password" : "makes this gateway yours";
        to.WriteLine(offer.Address is { } address ? $"Open {address}claim in a browser." : "Start the gateway (devicemail run) and open its address, /claim, in a browser.");
        to.WriteLine("The browser warns that it does not know the certificate: go on when it shows this SHA-256 fingerprint:");
        to.WriteLine($"  {offer.Fingerprint}");
        to.WriteLine($"This code {purpose}. It works once, until {offer.Until.ToLocalTime():HH:mm}:");
        to.WriteLine($"  {offer.Code}");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ClaimOffer))]
internal sealed partial class ClaimJson : JsonSerializerContext;
