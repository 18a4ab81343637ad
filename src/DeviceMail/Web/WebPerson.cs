namespace DeviceMail.Web;

/// <summary>Who did something in Web Config or by the HTTP API, in the words of histories and of Activity.</summary>
public static class WebPerson
{
    public static string Of(HttpContext context)
    {
        var who = context.Features.Get<ApiKey>() is { } key ? $"the API key {key.Name}" : "the administrator in Web Config";
        return $"{who} ({context.ClientName()})";
    }
}
